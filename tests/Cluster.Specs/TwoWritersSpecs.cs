using Akka.Actor;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Two clusters that do not know of each other, on one database: each believes that it alone has the entities. The
/// journal's unique key of entity and sequence number lets one of two conflicting writes in.
/// </summary>
public sealed class TwoWritersSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private const int SendersEach = 3;
    private static readonly int Conflicts = Seeds.IsLong ? 500 : 40;
    private static readonly string[] Families = ["city", "town", "village", "hamlet"];

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-writers-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Of_two_writes_to_one_entity_postgresql_lets_one_in_and_nothing_is_lost_or_doubled() =>
        await Write(new PersistenceSettings(PersistenceSettings.Postgres, await postgres.NewDatabase()));

    [Fact]
    public async Task Of_two_writes_to_one_entity_sqlite_lets_one_in_and_nothing_is_lost_or_doubled()
    {
        await Write(PersistenceSettings.OnSqlite(Path.Combine(_folder, "ralm.db")));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private async Task Write(PersistenceSettings settings)
    {
        var database = SqlDatabase.Of(settings);
        await database.Prepare(CancellationToken.None);
        var (ledger, options) = (new Ledger(database), new NodeOptions { Database = settings });
        await using var one = await Node.StartUp(options);
        await ledger.Open(one, Families[0]);
        await using var other = await Node.StartUp(options);
        using var stop = new CancellationTokenSource();
        Task[] senders = [.. Senders(one, "one", ledger, stop.Token), .. Senders(other, "other", ledger, stop.Token)];

        await Eventually.Is(() => ledger.Refused >= Conflicts || senders.Any(s => s.IsFaulted));
        await stop.CancelAsync();
        await Task.WhenAll(senders);

        output.WriteLine($"{ledger.Acknowledged} acknowledged, {ledger.Refused} refused, {ledger.Repeats} repeated");
        await ledger.AssertMatchesJournal();
        // The one that was refused last knows the least; both go on without help, and so does whoever comes after them.
        await AssertKnowsAll(one, "one", ledger);
        await AssertKnowsAll(other, "other", ledger);
        await AssertKnowsAll(one, "one again", ledger);
        await using var fresh = await Node.StartUp(options);
        await AssertKnowsAll(fresh, "fresh", ledger);
        await ledger.AssertMatchesJournal();
    }

    private static IEnumerable<Task> Senders(Node node, string name, Ledger ledger, CancellationToken stop) =>
        from family in Families
        from n in Enumerable.Range(1, SendersEach)
        select Task.Run(() => ledger.Write(() => node.Registry, family, $"{name}-{n}", stop));

    /// <summary>A write finds out whether this node's entity is behind, and brings it up to date.</summary>
    private static async Task AssertKnowsAll(Node node, string name, Ledger ledger)
    {
        foreach (var family in Families)
        {
            await ledger.Acknowledge(
                () => node.Registry,
                Ledger.Register(family, $"{family}-{name.Replace(' ', '-')}")
            );
            var known = await node.Registry.Ask<RegistryReply>(new GetRegistry { Family = family }, Waiting.Patience);
            Assert.Equal(ledger.AcknowledgedOf(family), known.Versions.Count);
        }
    }
}
