using Akka.Actor;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

public sealed class PartitionSpecs(PostgresServer postgres, ITestOutputHelper output)
{
    private static readonly string[] Families = [.. Enumerable.Range(1, 24).Select(i => $"family-{i}")];

    [Fact]
    public async Task A_node_cut_off_ends_itself_and_what_both_sides_acknowledged_meanwhile_is_there_once()
    {
        var database = new PersistenceSettings(PersistenceSettings.Postgres, await postgres.NewDatabase());
        var options = new NodeOptions { Database = database, CanBeCut = true };
        await using var first = await Node.StartUp(options);
        var ledger = new Ledger(SqlDatabase.Of(database));
        await ledger.Open(first, Families[0]);
        await using var second = await Node.StartUp(options, first);
        await using var lonely = await Node.StartUp(options, first);
        using var stop = new CancellationTokenSource();
        var ended = lonely.System.WhenTerminated;
        var ofTheLonely = lonely.Registry;

        // Every family has a sender on each side; when its side is gone, a sender turns to the other, as a client would.
        Task[] senders =
        [
            .. Families.Select(f => Task.Run(() => ledger.Write(() => first.Registry, f, "majority", stop.Token))),
            .. Families.Select(f => Task.Run(() => ledger.Write(Lonely, f, "minority", stop.Token))),
        ];
        await Eventually.Is(async () =>
            await lonely.LivingEntities() >= 4 && ledger.Acknowledged > 20 * Families.Length
        );
        var beforeTheCut = ledger.Acknowledged;
        await lonely.CutFrom(first, second);
        await ended.WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.Is(() => first.Cluster.State.Members.Count == 2);
        var afterTheCut = ledger.Acknowledged;
        await Eventually.Is(async () =>
            await first.LivingEntities() + await second.LivingEntities() == Families.Length
            && ledger.Acknowledged > afterTheCut + (10 * Families.Length)
        );
        await stop.CancelAsync();
        await Task.WhenAll(senders);

        output.WriteLine(
            $"acknowledged {beforeTheCut} before the cut, {afterTheCut - beforeTheCut} until the majority stood alone, "
                + $"{ledger.Acknowledged - afterTheCut} after; {ledger.Repeats} repeated"
        );
        await ledger.AssertMatchesJournal();

        IActorRef Lonely() => ended.IsCompleted ? first.Registry : ofTheLonely;
    }
}
