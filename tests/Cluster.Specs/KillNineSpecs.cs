using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// The whole product in a process of its own, killed in the middle of its work and started again: what it acknowledged is
/// accepted, what is accepted is learned or pending, and nothing is learned twice.
/// </summary>
public sealed class KillNineSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 10 : 2;
    private const int Users = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task No_acknowledged_interaction_is_lost_and_none_is_learned_twice()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await using var host = new HostProcess(data);
        var starts = new List<double> { (await host.Start()).TotalSeconds };
        await OpenLineage(host);

        var acknowledged = new int[Users];
        using var stop = new CancellationTokenSource();
        Task[] senders =
        [
            .. Enumerable.Range(0, Users).Select(u => Task.Run(() => Send(host, u, acknowledged, stop.Token))),
        ];
        for (var kill = 1; kill <= Kills; kill++)
        {
            var soFar = acknowledged.Sum();
            await Eventually.Is(() => senders.Any(s => s.IsFaulted) || acknowledged.Sum() > soFar + (8 * Users));
            await Task.WhenAll(senders.Where(s => s.IsFaulted));
            await host.KillNine();
            var told = acknowledged.ToArray();
            starts.Add((await host.Start()).TotalSeconds);
            for (var u = 0; u < Users; u++)
            {
                var known = (await host.Get<UserReply>($"/training/users/user-{u}")).SamplesAccepted;
                Assert.True(known >= told[u], $"kill {kill}: user-{u} was told {told[u]}, has {known}");
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await Eventually.Is(async () => (await Accounts(host)).Pending == 0);

        var (accepted, pending, learned) = await Accounts(host);
        output.WriteLine(
            $"{Kills} kills: {acknowledged.Sum()} acknowledged, {accepted} accepted, {learned} learned, {pending} pending; "
                + $"ready after {string.Join(", ", starts.Select(s => $"{s:F1}"))} s"
        );
        Assert.Equal(acknowledged.Sum(), accepted);
        Assert.Equal(accepted, learned);
    }

    private static async Task Send(HostProcess host, int user, int[] acknowledged, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            var interaction = new RecordInteraction
            {
                Header = new CommandHeader { CommandId = $"swipe-{user}-{n}" },
                UserId = $"user-{user}",
                CandidateId = $"candidate-{n}",
                User = AgeCity.Person(20 + user),
                Candidate = AgeCity.Person(20 + n),
                Label = n % 2,
            };
            await host.Accepted($"/training/users/user-{user}/interactions", interaction);
            acknowledged[user] = n;
        }
    }

    private static async Task<(long Accepted, long Pending, long Learned)> Accounts(HostProcess host)
    {
        var (accepted, pending) = (0L, 0L);
        for (var u = 0; u < Users; u++)
        {
            var user = await host.Get<UserReply>($"/training/users/user-{u}");
            (accepted, pending) = (accepted + user.SamplesAccepted, pending + user.SamplesPending);
        }

        return (accepted, pending, (await host.Get<LineageReply>("/training/lineages/champion")).SamplesAccepted);
    }

    /// <summary>The lineage that learns from every interaction.</summary>
    private async Task OpenLineage(HostProcess host)
    {
        var run = await AgeCity.Train(host, AgeCity.Prepare(Path.Combine(_folder, "city"), Users, Users), "v-1");
        var open = new OpenLineage
        {
            Header = new CommandHeader { CommandId = "open" },
            LineageId = "champion",
            Family = "city",
            VersionId = "v-1",
            Base = run.Artifact,
            BatchSize = 8,
            CheckpointEvery = 5,
        };
        await host.Accepted("/training/lineages", open);
    }
}
