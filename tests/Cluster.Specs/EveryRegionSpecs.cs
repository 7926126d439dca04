using System.Diagnostics;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Npgsql;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Entities of every region write on one node, move to a second one, write there, move back to the first, which has lived
/// on, and write again. Afterwards a fresh node reads each of them.
/// </summary>
public sealed class EveryRegionSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan AnswerIn = TimeSpan.FromSeconds(5);

    /// <summary>After which it is said what keeps a command from being accepted.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    /// <summary>Shards move when the cluster finds time for it.</summary>
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(500);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-regions-").FullName;

    public static IEnumerable<string> Regions =>
        typeof(RegionNames)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(name => (string)name.GetRawConstantValue()!);

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task What_moved_away_and_came_back_is_read_by_whoever_starts_next()
    {
        var database = await postgres.NewDatabase();
        var scripts = new Dictionary<string, RegionScript>(StringComparer.Ordinal);
        var round = 1;
        await using (var first = await Node.StartUp(Options(database, "first")))
        {
            scripts = await Prepare(first);
            await Write(first, scripts, round);
            await using (var second = await Node.StartUp(Options(database, "second"), first))
            {
                await HandedOver(first, scripts);
                await Eventually.Is(async () =>
                {
                    await Task.Delay(BetweenRounds);
                    await Write(first, scripts, ++round);
                    var writers = await Writers(database, "journal");
                    var moved = writers.Where(e => e.Value.Count > 1).Select(e => e.Key).ToArray();
                    output.WriteLine($"round {round}: of {string.Join(", ", Missing(moved))} nothing has moved yet");
                    return Missing(moved).Length == 0;
                });
                await second.Leave();
            }

            await Write(first, scripts, ++round);
        }

        var journaled = await Writers(database, "journal");
        var remembered = await Writers(database, "sharding_journal");
        var cameBack = journaled.Where(e => CameBack(e.Value)).Select(e => e.Key).ToArray();
        Assert.Empty(Missing(cameBack));
        Assert.Contains(remembered.Values, CameBack);
        await using var fresh = await Node.StartUp(Options(database, "fresh"));
        var unread = await Unread(fresh, scripts, journaled.Keys);
        output.WriteLine(
            $"{journaled.Count} entities, {cameBack.Length} came back to a process they had left; {remembered.Count} of "
                + $"sharding's own, {remembered.Values.Count(CameBack)} came back; {unread.Length} unreadable"
        );
        Assert.Empty(unread);
        Assert.Equal(0, UnreadableEntities.Of(fresh.System).Count);
    }

    private NodeOptions Options(string database, string name) =>
        new()
        {
            Database = new PersistenceSettings(PersistenceSettings.Postgres, database),
            Whole = RalmSettings.Read(
                WrittenSettings.From(
                    new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["RALM__NODE__NAME"] = name,
                        ["RALM__NODE__DATA_PATH"] = Path.Combine(_folder, name),
                        ["RALM__STORAGE__MODELS"] = Path.Combine(_folder, "models"),
                    }
                )
            ),
        };

    /// <summary>Gives everybody who will write a shard, and trains a version of each family.</summary>
    private async Task<Dictionary<string, RegionScript>> Prepare(Node node)
    {
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 12, candidates: 12);
        var trained = new ArtifactRef[RegionScript.Entities];
        var scripts = RegionScript.All(data, trained);
        Assert.Equal(Regions.Order(StringComparer.Ordinal), scripts.Keys.Order(StringComparer.Ordinal));
        await AskEverybody(node, scripts);
        for (var n = 0; n < trained.Length; n++)
        {
            var id = RegionScript.TrainedRun(n);
            await Accepted(node, typeof(TrainingRunRegion), RunScript.Start(data, id, RegionScript.Family(n), 1));
            await Eventually.Is(async () =>
            {
                var answer = await Ask(node, typeof(TrainingRunRegion), new GetTrainingRun { RunId = id });
                var run = Assert.IsType<TrainingRunReply>(answer);
                Assert.False(run.Status is RunStatus.Failed, run.Reason);
                trained[n] = run.Artifact;
                return run.Registered;
            });
        }

        return scripts;
    }

    /// <summary>
    /// The oldest shards move first. Whom writing wakes (users that are listed as pending, runs of studies, cells of tests)
    /// has shards too: were theirs older, the nodes could be even before anybody who writes has moved.
    /// </summary>
    private static async Task AskEverybody(Node node, Dictionary<string, RegionScript> scripts)
    {
        var answers = await Task.WhenAll(
            scripts.Values.SelectMany(script => script.Ids.Select(id => Ask(node, script.Region, script.Ask(id))))
        );
        Assert.DoesNotContain(null, answers);
    }

    /// <summary>
    /// Waits until the first node has let go of a shard of each region that has somebody who writes. Nothing is written
    /// meanwhile: entities that are new go to the node with fewer shards, and when they have made the nodes even, none of the
    /// old ones moves any more. (Whom writing wakes counts too: users that are listed as pending, runs of studies.)
    /// </summary>
    private Task HandedOver(Node first, Dictionary<string, RegionScript> scripts) =>
        Eventually.Is(async () =>
        {
            await Task.Delay(BetweenRounds);
            var waiting = new List<string>();
            foreach (var (name, script) in scripts)
            {
                var state = await Region(first, script.Region)
                    .Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Waiting.Patience);
                if (script.Ids.Select(RegionScript.ShardOf).All(id => state.Shards.Any(shard => shard.ShardId == id)))
                {
                    waiting.Add(name);
                }
            }

            output.WriteLine($"of {string.Join(", ", waiting)} no shard has been handed over yet");
            return waiting.Count == 0;
        });

    /// <summary>
    /// Regions that none of them belongs to. A simulation writes twice in its life, a load whose file is missing once, and a
    /// retraining of no lineage thrice: they have no time to move.
    /// </summary>
    private static string[] Missing(IReadOnlyCollection<string> persistenceIds) =>
        [
            .. Regions
                .Where(region =>
                    region is not (RegionNames.AbSimulation or RegionNames.SeedLoad or RegionNames.Retraining)
                )
                .Where(region => !persistenceIds.Any(id => id.StartsWith($"{region}-", StringComparison.Ordinal))),
        ];

    private Task Write(Node node, Dictionary<string, RegionScript> scripts, int round) =>
        Task.WhenAll(
            from script in scripts.Values
            from n in Enumerable.Range(0, script.Ids.Count)
            select Accepted(node, script.Region, script.Writes(n, round))
        );

    /// <summary>Tells all of them one behind the other, again and again, until each is accepted.</summary>
    private async Task Accepted(Node node, Type region, params IWireMessage[] messages)
    {
        var began = Stopwatch.StartNew();
        await Eventually.Is(async () =>
        {
            var answers = await Task.WhenAll(messages.Select(m => TryAsk(node, region, m)));
            if (began.Elapsed > Slow)
            {
                var told = string.Join("; ", answers.Select(a => $"{a ?? "silence"}"));
                output.WriteLine($"{region.Name} after {began.Elapsed.TotalSeconds:F0} s: {messages[0]} -> {told}");
            }

            Assert.DoesNotContain(
                answers,
                a => a is CommandReply { Rejection.Code: RejectionCode.Invalid or RejectionCode.NotFound }
            );
            return answers.All(IsAcknowledged);
        });
    }

    private static bool IsAcknowledged(object? answer) =>
        answer is DeliveryAcknowledged or CommandReply { Outcome: CommandOutcome.Accepted or CommandOutcome.Duplicate };

    /// <summary>Those that the journal has and nobody answers for.</summary>
    private static async Task<string[]> Unread(
        Node node,
        Dictionary<string, RegionScript> scripts,
        IEnumerable<string> persistenceIds
    )
    {
        var asked = persistenceIds.Select(async persistenceId =>
        {
            var (name, script) = scripts
                .Where(s => persistenceId.StartsWith($"{s.Key}-", StringComparison.Ordinal))
                .MaxBy(s => s.Key.Length);
            var answer = await Ask(node, script.Region, script.Ask(persistenceId[(name.Length + 1)..]));
            return answer is CommandReply or null ? persistenceId : null;
        });
        return [.. (await Task.WhenAll(asked)).OfType<string>()];
    }

    private static IActorRef Region(Node node, Type key) =>
        ActorRegistry.For(node.System).TryGet(key, out var region) ? region : throw new KeyNotFoundException(key.Name);

    private static async Task<object?> TryAsk(Node node, Type region, IWireMessage message)
    {
        try
        {
            return await Region(node, region).Ask<object>(message, AnswerIn);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>Asks until something is said, be it that the entity cannot be read.</summary>
    private static async Task<object?> Ask(Node node, Type region, IWireMessage message)
    {
        object? answer = null;
        for (var tries = 0; answer is null && tries < 12; tries++)
        {
            answer = await TryAsk(node, region, message);
        }

        return answer;
    }

    /// <summary>Who wrote each entity's events, in order.</summary>
    private static async Task<Dictionary<string, List<string>>> Writers(string database, string table)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            $"SELECT persistence_id, writer_uuid FROM {table} ORDER BY persistence_id, sequence_number"
        );
        await using var rows = await command.ExecuteReaderAsync();
        var writers = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        while (await rows.ReadAsync())
        {
            if (!writers.TryGetValue(rows.GetString(0), out var of))
            {
                writers[rows.GetString(0)] = of = [];
            }

            if (of.LastOrDefault() != rows.GetString(1))
            {
                of.Add(rows.GetString(1));
            }
        }

        return writers;
    }

    private static bool CameBack(List<string> writers) =>
        writers.Distinct(StringComparer.Ordinal).Count() < writers.Count;
}
