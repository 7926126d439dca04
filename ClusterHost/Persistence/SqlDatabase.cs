using System.Data.Common;
using System.Diagnostics;
using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// The database behind journals and snapshots. Every plugin uses this one connection string, so they share one pool of
/// at most <c>Persistence:MaxConnections</c>.
/// </summary>
/// <param name="ProviderName">The exact name the SQL layer knows; a general one costs a round trip to find out.</param>
/// <param name="Clock">SQL that tells the database's own time in milliseconds: nodes may disagree about theirs.</param>
/// <param name="ConnectApart">A connection beside the pool, for what must not wait in its queue.</param>
public sealed record SqlDatabase(
    string ConnectionString,
    string ProviderName,
    string Clock,
    Func<DbConnection> Connect,
    Func<DbConnection> ConnectApart
)
{
    /// <summary>How many connections the pool of this node may hold.</summary>
    public int MaxConnections { get; private init; }

    /// <summary>The file, or <c>null</c> where the database is a server.</summary>
    public string? SqliteFile { get; private init; }

    /// <summary>Released when a statement of a journal or snapshot store has met damage.</summary>
    public SemaphoreSlim DamageMet { get; } = new(0);

    /// <exception cref="SettingsException">The driver does not take the connection string.</exception>
    public static SqlDatabase Of(PersistenceSettings settings)
    {
        try
        {
            return settings.Provider switch
            {
                PersistenceSettings.Postgres => Postgres(settings),
                PersistenceSettings.MySql => MySql(settings),
                PersistenceSettings.Sqlite => Sqlite(settings),
                var other => throw new NotSupportedException($"{other} is not a provider"),
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            var name = WrittenSettings.NameOf("Persistence:ConnectionString");
            throw new SettingsException([new SettingError(name, "***", $"must be a connection string: {e.Message}")]);
        }
    }

    /// <summary>
    /// Makes sure the database is there before anything is asked of it. SQLite: creates the folder and the file, for
    /// their owner alone, and switches the file to write-ahead logging, where every commit is still synchronised to the
    /// disk.
    /// </summary>
    /// <exception cref="DbException">It is not reachable; the message is the driver's.</exception>
    public async Task Prepare(CancellationToken ct)
    {
        if (SqliteFile is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(SqliteFile)!);
            OwnerOnly.Create(SqliteFile);
        }

        await using var connection = Connect();
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
            .UseInterceptor(new SqliteWaiting())
            .UseInterceptor(new TablesInTurn())
            .UseTracing(TraceLevel.Error, Note);

    /// <summary>Whoever meets damage while it works has it looked into.</summary>
    private void Note(TraceInfo trace) => Note(trace.Exception);

    /// <inheritdoc cref="Note(TraceInfo)"/>
    internal void Note(Exception? met)
    {
        if (DatabaseFault.IsDamage(met) && DamageMet.CurrentCount == 0)
        {
            DamageMet.Release();
        }
    }

    private static SqlDatabase Postgres(PersistenceSettings settings)
    {
        var text = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        if (!SaysPoolSize(settings))
        {
            text.MaxPoolSize = settings.MaxConnections;
        }

        // Connections of a node that lost its power are noticed within a minute instead of two hours.
        text.Options ??= "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";
        text.ApplicationName ??= "ralm";
        var pooled = text.ConnectionString;
        text.Pooling = false;
        var apart = text.ConnectionString;
        return new(
            pooled,
            "PostgreSQL.15",
            "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
            () => new NpgsqlConnection(pooled),
            () => new NpgsqlConnection(apart)
        )
        {
            MaxConnections = text.MaxPoolSize,
        };
    }

    private static SqlDatabase MySql(PersistenceSettings settings)
    {
        var text = new MySqlConnectionStringBuilder(settings.ConnectionString);
        if (!SaysPoolSize(settings))
        {
            text.MaximumPoolSize = (uint)settings.MaxConnections;
        }

        var pooled = text.ConnectionString;
        var most = (int)text.MaximumPoolSize;
        text.Pooling = false;
        var apart = text.ConnectionString;
        return new(
            pooled,
            "MySql.8.0.MySqlConnector",
            "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
            () => new MySqlConnection(pooled),
            () => new MySqlConnection(apart)
        )
        {
            MaxConnections = most,
        };
    }

    /// <summary>The drivers' own builders know every key, written or not.</summary>
    private static bool SaysPoolSize(PersistenceSettings settings) =>
        new DbConnectionStringBuilder { ConnectionString = settings.ConnectionString }
            .Keys!.Cast<string>()
            .Select(key => key.Replace(" ", "", StringComparison.Ordinal))
            .Any(key => key.ToUpperInvariant() is "MAXIMUMPOOLSIZE" or "MAXPOOLSIZE");

    private static SqlDatabase Sqlite(PersistenceSettings settings)
    {
        var text = new SqliteConnectionStringBuilder(settings.ConnectionString);
        if (text.Mode == SqliteOpenMode.ReadWriteCreate)
        {
            // Prepare makes the file. Made later, it would be an empty one in the place of a file that has gone.
            text.Mode = SqliteOpenMode.ReadWrite;
        }

        var pooled = text.ConnectionString;
        text.Pooling = false;
        var apart = text.ConnectionString;
        return new(
            pooled,
            "SQLite.MS",
            "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
            () => SqliteWaiting.Connection(pooled),
            () => SqliteWaiting.Connection(apart)
        )
        {
            MaxConnections = settings.MaxConnections,
            SqliteFile = Path.GetFullPath(text.DataSource),
        };
    }
}
