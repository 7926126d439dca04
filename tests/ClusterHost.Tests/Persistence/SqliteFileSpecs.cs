using LinqToDB.Data;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class SqliteFileSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-file-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_file_writes_ahead_and_every_commit_reaches_the_disk()
    {
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(Path.Combine(_folder, "sub", "ralm.db")));
        await database.Prepare(CancellationToken.None);

        await using var connection = new DataConnection(database.Connections());
        Assert.Equal("wal", await connection.ExecuteAsync<string>("PRAGMA journal_mode"));
        Assert.Equal(2, await connection.ExecuteAsync<long>("PRAGMA synchronous"));
    }

    [Fact]
    public async Task A_writer_waits_inside_SQLite_for_another_one()
    {
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(Path.Combine(_folder, "ralm.db")));
        await database.Prepare(CancellationToken.None);

        await using var connection = new DataConnection(database.Connections());
        Assert.Equal(
            SqliteWaiting.Patience.TotalMilliseconds,
            await connection.ExecuteAsync<long>("PRAGMA busy_timeout")
        );
    }
}
