using System.Data;
using System.Data.Common;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// SQLite has one writer at a time. Left alone, the driver answers a busy database by sleeping 150 ms between tries; here
/// SQLite itself waits, looking again after 1, 2, 5, 10 ms and so on, up to <see cref="Patience"/>.
/// </summary>
public sealed class SqliteWaiting : ConnectionInterceptor
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) => Set(connection);

    public override Task ConnectionOpenedAsync(
        ConnectionEventData eventData,
        DbConnection connection,
        CancellationToken cancellationToken
    )
    {
        Set(connection);
        return Task.CompletedTask;
    }

    /// <summary>A connection that waits so whenever it is open, at most as long as a statement of the host's own may take.</summary>
    internal static SqliteConnection Connection(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Open)
            {
                Set(connection, TimeSpan.FromSeconds(Sql.Patience));
            }
        };
        return connection;
    }

    internal static void Set(DbConnection connection)
    {
        if (connection is SqliteConnection sqlite)
        {
            Set(sqlite, Patience);
        }
    }

    private static void Set(SqliteConnection connection, TimeSpan patience) =>
        raw.sqlite3_busy_timeout(connection.Handle, (int)patience.TotalMilliseconds);
}
