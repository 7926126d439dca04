using Npgsql;
using RalmActors.TestSupport;
using StackExchange.Redis;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Servers;

public sealed class LocalServersSpecs(PostgresServer postgres)
{
    [Fact]
    public async Task Each_spec_gets_a_database_of_its_own()
    {
        var one = await postgres.NewDatabase();
        var other = await postgres.NewDatabase();
        await using (var source = NpgsqlDataSource.Create(one))
        await using (var create = source.CreateCommand("CREATE TABLE mine (id int)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using var elsewhere = NpgsqlDataSource.Create(other);
        await using var look = elsewhere.CreateCommand("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'");
        Assert.Equal(0L, await look.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Redis_answers_and_is_gone_with_its_fixture()
    {
        string address;
        await using (var redis = new RedisServer())
        {
            address = await redis.Address();
            await using var connection = await ConnectionMultiplexer.ConnectAsync(address);
            Assert.True(await connection.GetDatabase().StringSetAsync("key", "value"));
        }

        if (Environment.GetEnvironmentVariable("RALM_TEST_REDIS") is null)
        {
            await Assert.ThrowsAsync<RedisConnectionException>(() =>
                ConnectionMultiplexer.ConnectAsync($"{address},connectTimeout=500,connectRetry=0")
            );
        }
    }
}
