using System.Text.Json;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// The whole product, killed in the middle of learning what can hardly be learned: the largest steps that a lineage may be
/// opened with, on the largest numbers that pass the endpoint, and on some that no schema takes.
/// </summary>
public sealed class PoisonKillSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 10 : 1;
    private const int Users = 6;
    private const StringComparison Ordinal = StringComparison.Ordinal;

    /// <summary>The largest steps there are: soon nearly every batch would lead beyond the bounds.</summary>
    private const string Poisoned = "poisoned";

    /// <summary>Learns the same samples with small steps.</summary>
    private const string Steady = "steady";

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-poison-").FullName;
    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Every_acknowledged_sample_is_accounted_for_and_the_weights_are_those_of_the_replay()
    {
        Directory.CreateDirectory(Data);
        await using var host = new HostProcess(Data);
        await host.Start();
        await OpenLineages(host);

        var acknowledged = new int[Users];
        using var stop = new CancellationTokenSource();
        Task[] senders =
        [
            .. Enumerable.Range(0, Users).Select(u => Task.Run(() => Send(host, u, acknowledged, stop.Token))),
        ];
        var setAside = 0L;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var soFar = acknowledged.Sum();
            await Eventually.Is(() => senders.Any(s => s.IsFaulted) || acknowledged.Sum() > soFar + (12 * Users));
            await Task.WhenAll(senders.Where(s => s.IsFaulted));
            // In the middle of it: more has been set aside since the last kill, and more is under way.
            var before = setAside;
            await Eventually.Is(async () => (setAside = await SetAside(host)) > before);
            await host.KillNine();
            await host.Start();
        }

        var last = acknowledged.Sum();
        await Eventually.Is(() => senders.Any(s => s.IsFaulted) || acknowledged.Sum() > last + (4 * Users));
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        var users = new UserReply[Users];
        await Eventually.Is(async () =>
        {
            users = await Task.WhenAll(
                Enumerable.Range(0, Users).Select(u => host.Get<UserReply>($"/training/users/user-{u}"))
            );
            return users.Sum(u => u.SamplesPending) == 0;
        });
        var accepted = users.Sum(u => u.SamplesAccepted);
        Assert.Equal(acknowledged.Sum(), accepted);
        using var http = host.Client();
        Assert.Contains("ralm_lineage_samples_set_aside_total", await http.GetStringAsync("/metrics"), Ordinal);

        var poisoned = await Account(host, Poisoned, accepted);
        var steady = await Account(host, Steady, accepted);

        Assert.InRange(poisoned.SamplesSetAside, 1, accepted - 1);
        Assert.All(poisoned.SetAside.SelectMany(b => b.Samples), s => Assert.StartsWith("user-", s.UserId, Ordinal));
        Assert.Equal(0, steady.SamplesSetAside);
        Assert.InRange(steady.SamplesPassedOver, 1, accepted - 1);
    }

    /// <summary>What has become of every sample, and the weights, by the lineage and by a replay of its journal.</summary>
    private async Task<LineageReply> Account(HostProcess host, string lineageId, long accepted)
    {
        var checkpoint = new CheckpointLineage
        {
            Header = new CommandHeader { CommandId = "now" },
            LineageId = lineageId,
        };
        var lineage = await host.Ask<LineageReply>($"/training/lineages/{lineageId}/checkpoints", checkpoint);
        var replayed = await Replay(lineageId);
        output.WriteLine(
            $"{lineageId}, {Kills} kills: {accepted} acknowledged, {lineage.SamplesLearned} learned, "
                + $"{lineage.SamplesPassedOver} passed over, {lineage.SamplesSetAside} set aside in "
                + $"{lineage.BatchesSetAside} of {lineage.BatchesAccepted} batches, 0 pending; "
                + $"weights {lineage.Checkpoint.WeightsHash}, replayed {replayed.GetProperty("weights_hash")}"
        );
        Assert.Equal(accepted, lineage.SamplesAccepted);
        Assert.Equal(accepted, lineage.SamplesLearned + lineage.SamplesPassedOver + lineage.SamplesSetAside);
        Assert.Equal(lineage.Checkpoint.WeightsHash, replayed.GetProperty("weights_hash").GetString());
        Assert.Equal(
            (0, lineage.SamplesPassedOver, lineage.SamplesSetAside),
            (Number("doubled"), Number("passed_over"), Number("set_aside"))
        );
        return lineage;

        long Number(string name) => replayed.GetProperty(name).GetInt64();
    }

    private static async Task<long> SetAside(HostProcess host) =>
        (await host.Get<LineageReply>($"/training/lineages/{Poisoned}")).BatchesSetAside;

    private static async Task Send(HostProcess host, int user, int[] acknowledged, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            var interaction = new RecordInteraction
            {
                Header = new CommandHeader { CommandId = $"swipe-{user}-{n}" },
                UserId = $"user-{user}",
                CandidateId = $"candidate-{n}",
                User = AgeCity.Person(n % 2 == 0 ? 9e15 : -9e15),
                Candidate = n % 5 == 4 ? Unfit() : AgeCity.Person(n % 3 == 0 ? 9e15 : -9e15),
                LineageIds = { Poisoned, Steady },
                // What most of them teach is learned soon; then one that says otherwise takes the largest step there is.
                Label = (n % 2 == 0) == (n % 3 == 0) != (n % 16 == 0) ? 1 : 0,
            };
            await host.Accepted($"/training/users/user-{user}/interactions", interaction);
            acknowledged[user] = n;
        }
    }

    /// <summary>An age that is no number.</summary>
    private static Features Unfit() =>
        new()
        {
            Items =
            {
                new Feature { Name = "age", Text = "old enough" },
            },
        };

    /// <summary>Again where it could not open the journal in time: a busy machine is no failure.</summary>
    private async Task<JsonElement> Replay(string lineageId)
    {
        string? line = null;
        await Eventually.Is(async () => (line = await HostReplay.Try(Data, lineageId)) is not null);
        return JsonDocument.Parse(line!).RootElement;
    }

    private async Task OpenLineages(HostProcess host)
    {
        var run = await AgeCity.Train(host, AgeCity.Prepare(Path.Combine(_folder, "city"), 12, 12), "v-1");
        var open = new OpenLineage
        {
            Family = "city",
            VersionId = "v-1",
            Base = run.Artifact,
            BatchSize = 8,
            CheckpointEvery = 3,
        };
        var sgd = new OptimizerConfig { Name = "sgd", LearningRate = 1 };
        foreach (var (id, optimizer) in new[] { (Poisoned, sgd), (Steady, new OptimizerConfig()) })
        {
            (open.LineageId, open.Optimizer) = (id, optimizer);
            open.Header = new CommandHeader { CommandId = $"open-{id}" };
            await host.Accepted("/training/lineages", open);
        }
    }
}
