using System.Data.Common;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>The database behind journals and snapshots.</summary>
/// <param name="ProviderName">The exact name the SQL layer knows; a general one costs a round trip to find out.</param>
public sealed record SqlDatabase(string ConnectionString, string ProviderName, Func<DbConnection> Connect)
{
    public static SqlDatabase Of(PersistenceSettings settings) =>
        settings.Provider switch
        {
            PersistenceSettings.Postgres => new(
                settings.ConnectionString,
                "PostgreSQL.15",
                () => new NpgsqlConnection(settings.ConnectionString)
            ),
            PersistenceSettings.MySql => new(
                settings.ConnectionString,
                "MySql.8.0.MySqlConnector",
                () => new MySqlConnection(settings.ConnectionString)
            ),
            PersistenceSettings.Sqlite => new(
                settings.ConnectionString,
                "SQLite.MS",
                () => new SqliteConnection(settings.ConnectionString)
            ),
            var other => throw new ArgumentOutOfRangeException(nameof(settings), other, "must be a known provider"),
        };

    /// <summary>
    /// Makes sure the database is there before anything is asked of it. SQLite: creates the folder and switches the file
    /// to write-ahead logging, where every commit is still synchronised to the disk.
    /// </summary>
    /// <exception cref="DbException">It is not reachable; the message is the driver's.</exception>
    public async Task Prepare(CancellationToken ct)
    {
        await using var connection = Connect();
        if (
            connection is SqliteConnection sqlite
            && Path.GetDirectoryName(Path.GetFullPath(sqlite.DataSource)) is { } at
        )
        {
            Directory.CreateDirectory(at);
        }

        await connection.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = connection is SqliteConnection ? "PRAGMA journal_mode=WAL" : "SELECT 1";
        await command.ExecuteScalarAsync(ct);
    }

    /// <summary>PostgreSQL takes a group of events by COPY: a fifth more of them a second than by multi-row inserts.</summary>
    public DataOptions Connections() =>
        new DataOptions()
            .UseConnectionString(ProviderName, ConnectionString)
            .WithOptions<PostgreSQLOptions>(o => o with { BulkCopyType = BulkCopyType.ProviderSpecific })
            .UseInterceptor(new SqliteWaiting());
}
