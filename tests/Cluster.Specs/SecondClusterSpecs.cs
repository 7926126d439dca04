using Npgsql;
using RalmActors.Cluster.Specs.Support;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>One database, one cluster: a second one is refused by name, and its own nodes join whatever has died.</summary>
public sealed class SecondClusterSpecs : IDisposable
{
    private readonly PostgresServer _postgres;
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-second-").FullName;
    private readonly int _seedPort;
    private readonly int _otherPort;

    public SecondClusterSpecs(PostgresServer postgres)
    {
        _postgres = postgres;
        (_otherPort, _seedPort) = Ports();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_second_cluster_is_refused_by_name_and_the_first_goes_on()
    {
        var database = await _postgres.NewDatabase();
        await using var first = await Node("first", database, waits: ClusterWaits.Standard).UntilReady();
        await using var second = Node("second", database, waits: ClusterWaits.Standard);

        var (code, errors) = await second.Ended();
        Assert.Equal(1, code);
        Assert.Contains("the database belongs to cluster", errors, StringComparison.Ordinal);
        Assert.Contains("which is running", errors, StringComparison.Ordinal);
        await first.UntilReady();
    }

    [Fact]
    public async Task A_seed_that_was_killed_joins_the_living_cluster_instead_of_founding_another()
    {
        var database = await _postgres.NewDatabase();
        var seed = await Node("seed", database, _seedPort, ClusterWaits.ForTheDead).UntilReady();
        await using var other = await Node("other", database, _otherPort, ClusterWaits.ForTheDead).UntilReady();
        await seed.DisposeAsync();

        await using var again = await Node("seed", database, _seedPort, ClusterWaits.ForTheDead).UntilReady();
        await other.UntilReady();
        await other.Signal("TERM");
        Assert.Equal(0, (await other.Ended()).Code);
        Assert.Equal(["seed"], await Names(database));
        Assert.False(again.HasEnded);
    }

    [Fact]
    public async Task A_cluster_whose_nodes_were_all_killed_starts_again_after_a_bounded_wait()
    {
        var database = await _postgres.NewDatabase();
        var seed = await Node("seed", database, _seedPort).UntilReady();
        var other = await Node("other", database, _otherPort).UntilReady();
        await other.DisposeAsync();
        await seed.DisposeAsync();

        await using var seedAgain = Node("seed", database, _seedPort);
        await using var otherAgain = Node("other", database, _otherPort);
        await seedAgain.UntilReady();
        await otherAgain.UntilReady();
        await seedAgain.Signal("TERM");
        Assert.DoesNotContain("refused", (await seedAgain.Ended()).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_cluster_that_is_overtaken_says_so_and_takes_its_database_back()
    {
        var database = await _postgres.NewDatabase();
        await using var node = await Node("node", database).UntilReady();
        await using var source = NpgsqlDataSource.Create(database);
        await Eventually.Is(async () =>
        {
            await using var overtaking = source.CreateCommand(
                "UPDATE ralm_cluster SET holder = '10.0.0.1:4053#9', beat = beat + 1, renewed_at = "
                    + "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
            );
            await overtaking.ExecuteNonQueryAsync();
            var (status, failing) = await node.Ready();
            return status == 503
                && failing.GetValueOrDefault("cluster") == "the database has been taken by another cluster";
        });

        await node.UntilReady();
        Assert.False(node.HasEnded);
    }

    /// <summary>Of two nodes the one of the lower address is the majority: the other goes, if it is alone for 10 s.</summary>
    private static (int Lower, int Higher) Ports()
    {
        var (one, two) = (LocalServer.FreePort(), LocalServer.FreePort());
        return (Math.Min(one, two), Math.Max(one, two));
    }

    private HostRun Node(string name, string database, int port = 0, IReadOnlyDictionary<string, string>? waits = null)
    {
        var settings = new Dictionary<string, string>(waits ?? ClusterWaits.Short)
        {
            ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
            ["RALM__PERSISTENCE__CONNECTION_STRING"] = database,
            ["RALM__NODE__NAME"] = name,
            ["RALM__NODE__ROLES"] = "edge,trainer",
        };
        if (port > 0)
        {
            settings["RALM__NODE__PORT"] = $"{port}";
            settings["RALM__NODE__SEEDS"] = $"127.0.0.1:{_seedPort}";
        }

        return new HostRun(Directory.CreateDirectory(Path.Combine(_folder, name)).FullName, ["up"], settings);
    }

    /// <summary>Names of the nodes that have not let go of their row.</summary>
    private static async Task<List<string>> Names(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("SELECT name FROM ralm_node WHERE member <> ''");
        await using var rows = await command.ExecuteReaderAsync();
        List<string> names = [];
        while (await rows.ReadAsync())
        {
            names.Add(rows.GetString(0));
        }

        return names;
    }
}
