using System.Diagnostics;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Nodes come, leave, are killed and freeze while senders write. Then every process ends, one starts, and every entity
/// there has ever been is asked.
/// </summary>
public sealed class MembershipSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private static readonly int Changes = Seeds.IsLong ? 20 : 2;
    private static readonly int Entities = Seeds.IsLong ? 10_000 : 200;

    /// <summary>The shorter one is over before the others give up on the node, the longer one is not.</summary>
    private static readonly TimeSpan[] Freezes = Seeds.IsLong
        ? [TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(30)]
        : [TimeSpan.FromSeconds(12)];

    /// <summary>A node that was given up believes for a while that it still belongs to the others.</summary>
    private static readonly TimeSpan UntilItHears = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-members-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Whatever_comes_and_goes_every_entity_is_readable_and_has_what_was_acknowledged_once()
    {
        var database = await postgres.NewDatabase();
        var took = Stopwatch.StartNew();
        await using var cluster = new HostCluster(_folder, database, seeds: 3, ClusterWaits.Standard);
        await cluster.Add(3);
        var load = new RestLoad(cluster.Nodes, Entities, senders: 12);
        load.Start();
        if (Seeds.IsLong)
        {
            await load.Advance(Entities / 2);
        }

        for (var change = 0; change < Changes; change++)
        {
            await load.Advance(100);
            // In short: killed, and frozen.
            await Change(cluster, Seeds.IsLong ? change : change + 1);
        }

        await load.Advance(100);
        await load.Stop();
        await Supervise(cluster);
        await Task.WhenAll(cluster.Nodes.Select(node => node.Stop()));
        var fresh = cluster.Nodes[0];
        await fresh.Start();
        var settings = new PersistenceSettings(PersistenceSettings.Postgres, database);
        output.WriteLine(
            $"{await load.Compare(SqlDatabase.Of(settings), fresh, $"changes {Changes}")}; {took.Elapsed.TotalSeconds:F0} s"
        );
    }

    /// <summary>The node it happens to goes round; at the end of a change all are there.</summary>
    private static async Task Change(HostCluster cluster, int change)
    {
        var node = cluster.Nodes[change % cluster.Nodes.Count];
        switch (change % 4)
        {
            case 1:
                await node.KillNine();
                break;
            case 2:
                await node.Freeze();
                await Task.Delay(Freezes[change / 4 % Freezes.Length]);
                await node.Thaw();
                await Task.Delay(Seeds.IsLong ? UntilItHears : TimeSpan.Zero);
                await Eventually.Is(async () => !node.IsRunning || await node.IsReady());
                break;
            case 3 when cluster.Nodes.Count < 5:
                await cluster.Add();
                break;
            default:
                await node.Stop();
                break;
        }

        await Supervise(cluster);
    }

    /// <summary>What runs the product starts again what has ended: a node given up by the others ends itself.</summary>
    private static Task Supervise(HostCluster cluster) =>
        Eventually.Is(async () =>
        {
            foreach (var node in cluster.Nodes.Where(n => !n.IsRunning))
            {
                try
                {
                    await node.Start();
                }
                catch (InvalidOperationException)
                {
                    // It could not join in time; once more.
                    return false;
                }
            }

            return true;
        });
}
