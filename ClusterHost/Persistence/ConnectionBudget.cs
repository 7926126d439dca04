using System.Data.Common;
using MySqlConnector;
using Npgsql;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// A server has so many connections and no more. A node that would not get its own is refused before it takes those of
/// the others, and of whoever comes to mend it.
/// </summary>
public static class ConnectionBudget
{
    // Reserved ones are for a superuser. Sessions of others show no more than their database and user to a plain role.
    private const string OfPostgres = """
        SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - COALESCE(current_setting('reserved_connections', true), '0')::int,
          (SELECT count(*)::int FROM pg_stat_activity
            WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid()),
          current_setting('is_superuser') = 'on'
        """;

    private const string OfMySql =
        "SELECT @@max_connections, "
        + "(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Threads_connected') - 1, 0";

    /// <param name="connection">The one this node keeps beside its pool.</param>
    /// <param name="nodes">Living ones, this one included.</param>
    /// <exception cref="StartRefusedException">This node does not fit any more.</exception>
    public static async Task Check(
        DbConnection connection,
        SqlDatabase database,
        int nodes,
        Action<string> say,
        CancellationToken ct
    )
    {
        var sql = connection switch
        {
            NpgsqlConnection => OfPostgres,
            MySqlConnection => OfMySql,
            _ => null,
        };
        if (sql is null)
        {
            return;
        }

        await using var command = connection.Command(sql);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        var (allowed, inUse) = (Convert.ToInt32(row[0]), Convert.ToInt32(row[1]));
        if (Convert.ToBoolean(row[2]))
        {
            say("the node uses the database as superuser: give it a role that owns its database, and nothing more");
        }

        Check(database.MaxConnections + 1, allowed, inUse, nodes, say);
    }

    /// <param name="needed">The pool and one beside it.</param>
    /// <param name="allowed">What the server gives to plain roles.</param>
    /// <param name="inUse">By anybody, this node's own first one left out.</param>
    public static void Check(int needed, int allowed, int inUse, int nodes, Action<string> say)
    {
        if (needed > allowed - inUse)
        {
            throw new StartRefusedException(
                $"this node needs {needed} connections to the database, and of {allowed} only {allowed - inUse} are free: "
                    + "lower RALM__PERSISTENCE__MAX_CONNECTIONS, or raise the server's max_connections"
            );
        }

        if (nodes * needed > allowed)
        {
            say(
                $"{nodes} nodes of {needed} connections each do not fit the {allowed} that the database allows: "
                    + "lower RALM__PERSISTENCE__MAX_CONNECTIONS on all of them, or raise the server's max_connections"
            );
        }
    }
}
