using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class SqlitePersistenceSpecs : PersistenceContract
{
    protected override Task<Dictionary<string, string>> Settings() =>
        Task.FromResult(new Dictionary<string, string>(StringComparer.Ordinal));

    [Fact]
    public async Task The_file_writes_ahead_and_every_commit_reaches_the_disk()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ralm-wal-").FullName, "sub", "ralm.db");
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(file));
        await database.Prepare(CancellationToken.None);

        await using var connection = (SqliteConnection)database.Connect();
        await connection.OpenAsync();
        Assert.Equal("wal", await Ask(connection, "PRAGMA journal_mode"));
        Assert.Equal(2L, await Ask(connection, "PRAGMA synchronous"));
    }

    private static async Task<object?> Ask(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}

public sealed class PostgresPersistenceSpecs(PostgresServer postgres) : PersistenceContract
{
    protected override async Task<Dictionary<string, string>> Settings() =>
        new(StringComparer.Ordinal)
        {
            ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
            ["RALM__PERSISTENCE__CONNECTION_STRING"] = await postgres.NewDatabase(),
        };
}
