using System.Data.Common;
using System.Diagnostics;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>
/// Before a node has an actor system: does the database take it, and may it found a cluster? One that would found a
/// second cluster beside a living one joins that one if it has seeds, and is refused if it has none.
/// </summary>
/// <param name="ClusterId">Of the database.</param>
/// <param name="Seeds">Whom to join, <c>host:port</c>; the node itself comes first only where it may found.</param>
public sealed record ClusterClaim(string ClusterId, IReadOnlyList<string> Seeds)
{
    /// <summary>Every region has that many, see <see cref="EntityRegionOptions"/>.</summary>
    public static string Shards { get; } = $"{new EntityRegionOptions("").ShardCount} a region";

    public static string Release { get; } = typeof(ClusterClaim).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <param name="say">What the owner should know while it waits.</param>
    /// <exception cref="StartRefusedException">The database is another cluster's, a newer release's, or not this folder's.</exception>
    public static async Task<ClusterClaim> Make(
        RalmSettings settings,
        SqlDatabase database,
        Action<string> say,
        CancellationToken ct
    )
    {
        var node = settings.Node;
        await using var connection = database.ConnectApart();
        await connection.OpenAsync(ct);
        var mark = FolderMark.In(node.DataPath);
        var marker = await connection.ReadOrCreate(database, mark, Shards, Release, ct);
        marker.Check(Shards);
        mark.Check(marker.ClusterId);
        var lapse = settings.Cluster.ClaimLapse;
        var living = await connection.LivingNodes(database, lapse, ct);
        await ConnectionBudget.Check(connection, database, living.Count + 1, say, ct);
        var seeds = await Joined(connection, database, settings, marker, living, say, ct);
        mark.Write(marker.ClusterId);
        return new ClusterClaim(marker.ClusterId, seeds);
    }

    private static async Task<IReadOnlyList<string>> Joined(
        DbConnection connection,
        SqlDatabase database,
        RalmSettings settings,
        ClusterMarker marker,
        IReadOnlyList<string> living,
        Action<string> say,
        CancellationToken ct
    )
    {
        var (node, lapse) = (settings.Node, settings.Cluster.ClaimLapse);
        var self = $"{node.PublicHost}:{node.Port}";
        var founds = node.Seeds.Count == 0 || node.Seeds[0] == self;
        // A file is locked by its node, and who has our address cannot be alive beside us.
        var isFree = database.SqliteFile is not null || (marker.HolderName == self && living.All(n => n == self));
        if (!founds || isFree || !await Lives(connection, database, marker, lapse, say, ct))
        {
            return node.Seeds;
        }

        if (node.Seeds.Count == 0)
        {
            throw new StartRefusedException(
                $"the database belongs to cluster {marker.ClusterId}, which is running (last heard of: {marker.HolderName}): "
                    + "name one of its nodes in RALM__NODE__SEEDS to join it, or give this node a database of its own"
            );
        }

        IReadOnlyList<string> others =
        [
            .. node
                .Seeds.Concat(await connection.LivingNodes(database, lapse, ct))
                .Append(marker.HolderName)
                .Distinct(),
        ];
        say($"cluster {marker.ClusterId} is running: joining it, not founding another");
        return [.. others.Where(other => other != self)];
    }

    /// <summary>Whoever renews the claim lives. After the end of a whole cluster that takes <paramref name="lapse"/>.</summary>
    private static async Task<bool> Lives(
        DbConnection connection,
        SqlDatabase database,
        ClusterMarker seen,
        TimeSpan lapse,
        Action<string> say,
        CancellationToken ct
    )
    {
        if (seen.HasLapsed(lapse))
        {
            return false;
        }

        say(
            $"waiting up to {lapse.TotalSeconds} s: cluster {seen.ClusterId} was on this database a moment ago "
                + $"(last heard of: {seen.HolderName}); does it still run?"
        );
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < lapse)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
            var now = await connection.Read(database, ct);
            if (now is null || now.HasLapsed(lapse) || now.Beat != seen.Beat)
            {
                return now is not null && !now.HasLapsed(lapse);
            }
        }

        return false;
    }
}
