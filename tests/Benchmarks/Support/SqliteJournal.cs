using Akka.Hosting;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.Benchmarks.Support;

/// <summary>A journal file in WAL mode with full synchronisation: an answered event is on the disk.</summary>
public sealed class SqliteJournal : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;

    public SqliteJournal()
    {
        using var connection = Open();
        Execute(connection, "PRAGMA journal_mode=WAL");
    }

    public string ConnectionString => $"Data Source={Path.Combine(_folder, "journal.db")};Default Timeout=30";

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        Execute(connection, "PRAGMA synchronous=FULL");
        return connection;
    }

    public void Configure(AkkaConfigurationBuilder akka) =>
        akka.AddProductPersistence(new PersistenceSettings(PersistenceSettings.Sqlite, ConnectionString));

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
