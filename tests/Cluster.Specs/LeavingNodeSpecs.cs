using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

public sealed class LeavingNodeSpecs(PostgresServer postgres, ITestOutputHelper output)
{
    private static readonly string[] Families = [.. Enumerable.Range(1, 20).Select(i => $"family-{i}")];

    [Fact]
    public async Task Entities_move_to_the_other_node_and_no_acknowledged_command_is_lost_or_doubled()
    {
        var database = new PersistenceSettings(PersistenceSettings.Postgres, await postgres.NewDatabase());
        var options = new NodeOptions { Database = database };
        await using var stays = await Node.StartUp(options);
        var ledger = new Ledger(SqlDatabase.Of(database));
        await ledger.Open(stays, Families[0]);
        await using var leaves = await Node.StartUp(options, stays);
        using var stop = new CancellationTokenSource();
        Task[] writers =
        [
            .. Families.Select(f => Task.Run(() => ledger.Write(() => stays.Registry, f, "s", stop.Token))),
        ];
        await Eventually.Is(async () => await leaves.LivingEntities() >= 5);

        var before = await leaves.LivingEntities();
        await leaves.Leave();
        var afterLeaving = ledger.Acknowledged;
        await Eventually.Is(() => Task.FromResult(ledger.Acknowledged > afterLeaving + (10 * Families.Length)));
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        output.WriteLine(
            $"{before} of {Families.Length} entities moved; {ledger.Acknowledged} commands acknowledged, "
                + $"{ledger.Repeats} repeated"
        );
        Assert.InRange(before, 5, Families.Length);
        Assert.Equal(Families.Length, await stays.LivingEntities());
        await ledger.AssertMatchesJournal();
    }
}
