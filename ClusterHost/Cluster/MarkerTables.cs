using System.Data.Common;
using System.Globalization;
using Npgsql;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Cluster;

/// <summary>
/// Two small tables of our own: <c>ralm_cluster</c> has one row, the marker; <c>ralm_node</c> one per node, written again
/// and again, which is how a node knows that the database takes writes.
/// </summary>
public static class MarkerTables
{
    /// <summary>For a connection of a running node: a table that was lost is made again.</summary>
    public static Task<int> CreateTables(this DbConnection connection, CancellationToken ct) =>
        connection.Execute(Create, ct);

    private const string Create = """
        CREATE TABLE IF NOT EXISTS ralm_cluster (
          id INTEGER NOT NULL PRIMARY KEY, cluster_id VARCHAR(64) NOT NULL, format INTEGER NOT NULL,
          created_at BIGINT NOT NULL, created_by VARCHAR(64) NOT NULL, shards VARCHAR(255) NOT NULL,
          holder VARCHAR(255) NOT NULL, beat BIGINT NOT NULL, renewed_at BIGINT NOT NULL);
        CREATE TABLE IF NOT EXISTS ralm_node (
          address VARCHAR(255) NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, member VARCHAR(255) NOT NULL,
          beat BIGINT NOT NULL, beat_at BIGINT NOT NULL);
        """;

    private const long Day = 86_400_000;

    /// <summary>
    /// The marker, made now if the database has none and none is expected. Nodes that start at once race for it: one of
    /// them wins.
    /// </summary>
    /// <param name="mark">A folder that belongs to a cluster expects its marker.</param>
    /// <exception cref="DbException">The database cannot be written.</exception>
    /// <exception cref="StartRefusedException">A marker was expected, and there is none.</exception>
    public static async Task<ClusterMarker> ReadOrCreate(
        this DbConnection connection,
        SqlDatabase database,
        FolderMark mark,
        string shards,
        string release,
        CancellationToken ct
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await connection.Execute(Create, ct);
                if (await connection.Read(database, ct) is { } marker)
                {
                    return marker;
                }

                if (mark.Misses("the database", "has no marker of a cluster") is { } missing)
                {
                    throw new StartRefusedException(missing);
                }

                await connection.Insert(database, $"{Guid.NewGuid():N}", shards, release, ct);
            }
            catch (DbException) when (attempt < 4)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), ct);
            }
        }
    }

    /// <summary>A marker that nobody has claimed yet.</summary>
    public static Task<int> Insert(
        this DbConnection connection,
        SqlDatabase database,
        string clusterId,
        string shards,
        string release,
        CancellationToken ct
    ) =>
        connection.Execute(
            $"INSERT INTO ralm_cluster VALUES (1, @id, @format, {database.Clock}, @release, @shards, '', 0, 0)",
            ct,
            ("@id", clusterId),
            ("@format", ClusterMarker.KnownFormat),
            ("@release", release),
            ("@shards", shards)
        );

    /// <summary>
    /// Writes this node's row, and renews the claim where that is ours to do. <c>null</c>: the marker is not there.
    /// </summary>
    /// <param name="connection">Of no use any more when this fails: it may be in the middle of its transaction.</param>
    /// <param name="member">Who this node is in its cluster, or empty before it is up.</param>
    public static async Task<ClusterMarker?> Beat(
        this DbConnection connection,
        SqlDatabase database,
        (string Address, string Name) node,
        string member,
        Func<ClusterMarker, bool> isOurs,
        CancellationToken ct
    )
    {
        await connection.Execute(database.SqliteFile is null ? "BEGIN" : "BEGIN IMMEDIATE", ct);
        (string, object)[] row = [("@address", node.Address), ("@name", node.Name), ("@member", member)];
        var set = $"UPDATE ralm_node SET name = @name, member = @member, beat = beat + 1, beat_at = {database.Clock}";
        if (await connection.Execute($"{set} WHERE address = @address", ct, row) == 0)
        {
            var values = $"@address, @name, @member, 1, {database.Clock}";
            await connection.Execute($"INSERT INTO ralm_node VALUES ({values})", ct, row);
            await connection.Execute($"DELETE FROM ralm_node WHERE beat_at < {database.Clock} - {Day}", ct);
        }

        // The lock that an insert takes: one that somebody else does not let us have stands for a journal that stands still.
        if (connection is NpgsqlConnection && member.Length > 0)
        {
            await connection.Execute("LOCK TABLE journal IN ROW EXCLUSIVE MODE", ct);
        }

        var marker = await connection.Read(database, ct);
        if (marker is not null && member.Length > 0 && isOurs(marker))
        {
            await connection.Execute(
                $"UPDATE ralm_cluster SET holder = @member, beat = beat + 1, renewed_at = {database.Clock} "
                    + "WHERE id = 1 AND beat = @beat",
                ct,
                ("@member", member),
                ("@beat", marker.Beat)
            );
        }

        await connection.Execute("COMMIT", ct);
        return marker;
    }

    /// <summary>
    /// Seconds between the clock of this machine and the database's, either way. What asking took may be a part of it, and is taken
    /// off.
    /// </summary>
    public static async Task<double> ClockSkew(this DbConnection connection, SqlDatabase database, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        var (asked, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        await using var command = connection.Command($"SELECT {database.Clock}");
        var theirs = Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
        var took = clock.GetElapsedTime(began).TotalSeconds;
        var apart = Math.Abs((theirs / 1000.0) - (asked.ToUnixTimeMilliseconds() / 1000.0) - (took / 2));
        return Math.Max(0, apart - (took / 2));
    }

    /// <summary>A node that stops in good order: the last one of its cluster also lets go of the claim.</summary>
    public static async Task LetGo(
        this DbConnection connection,
        SqlDatabase database,
        string address,
        string member,
        TimeSpan lapse,
        CancellationToken ct
    )
    {
        await connection.Execute("DELETE FROM ralm_node WHERE address = @address", ct, ("@address", address));
        await connection.Execute(
            "UPDATE ralm_cluster SET renewed_at = 0 WHERE id = 1 AND holder = @member AND NOT EXISTS "
                + $"(SELECT 1 FROM ralm_node WHERE beat_at > {database.Clock} - {lapse.TotalMilliseconds})",
            ct,
            ("@member", member)
        );
    }

    /// <summary>Addresses (<c>host:port</c>) of the nodes that are up now.</summary>
    public static async Task<IReadOnlyList<string>> LivingNodes(
        this DbConnection connection,
        SqlDatabase database,
        TimeSpan lapse,
        CancellationToken ct
    )
    {
        await using var command = connection.Command(
            "SELECT address FROM ralm_node WHERE member <> '' AND beat_at > "
                + $"{database.Clock} - {lapse.TotalMilliseconds} ORDER BY address"
        );
        await using var rows = await command.ExecuteReaderAsync(ct);
        var living = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            living.Add(rows.GetString(0));
        }

        return living;
    }

    public static async Task<ClusterMarker?> Read(
        this DbConnection connection,
        SqlDatabase database,
        CancellationToken ct
    )
    {
        await using var command = connection.Command(
            "SELECT cluster_id, format, created_by, shards, holder, beat, "
                + $"{database.Clock} - renewed_at FROM ralm_cluster WHERE id = 1"
        );
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct)
            ? new ClusterMarker(
                rows.GetString(0),
                rows.GetInt32(1),
                rows.GetString(2),
                rows.GetString(3),
                rows.GetString(4),
                rows.GetInt64(5),
                rows.GetInt64(6)
            )
            : null;
    }
}
