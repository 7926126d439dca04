using Npgsql;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Nodes on a PostgreSQL as it comes, 100 connections, as a plain role: they keep to their budget while they write and
/// while some are killed and started again, and an operator still gets in.
/// </summary>
public sealed class ConnectionSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly int Nodes = Seeds.IsLong ? 5 : 3;
    private static readonly int Kills = Seeds.IsLong ? 2 : 1;
    private const int Budget = RalmActors.ClusterHost.Settings.PersistenceSettings.DefaultMaxConnections + 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-connections-").FullName;
    private readonly PostgresServer _postgres = new() { MaxConnections = 100 };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nodes_keep_to_their_budget_while_some_are_killed_and_nothing_acknowledged_is_lost()
    {
        var database = await _postgres.NewDatabase("plain");
        await using var cluster = new HostCluster(_folder, database);
        await cluster.Add(Nodes);
        using var stop = new CancellationTokenSource();
        var acknowledged = new int[Nodes * 8];
        Task[] writers =
        [
            .. acknowledged.Select((_, user) => Task.Run(() => Write(cluster, user, acknowledged, stop.Token))),
        ];
        await Eventually.Is(() => acknowledged.Min() >= 3);
        var most = await Sessions(database);
        foreach (var node in Enumerable.Range(Nodes - Kills, Kills))
        {
            await cluster[node].KillNine();
            await cluster[node].Start();
            most = Math.Max(most, await Sessions(database));
        }

        var soFar = acknowledged.ToArray();
        await Eventually.Is(() => acknowledged.Zip(soFar).All(a => a.Item1 > a.Item2));
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        output.WriteLine($"{Nodes} nodes, at most {most} sessions seen; {acknowledged.Sum()} acknowledged");
        Assert.InRange(most, Nodes, Nodes * Budget);
        for (var user = 0; user < acknowledged.Length; user++)
        {
            var known = (await cluster[0].Get<UserReply>($"/training/users/user-{user}")).SamplesAccepted;
            Assert.Equal(acknowledged[user], known);
        }
    }

    [Fact]
    public async Task A_node_that_does_not_fit_is_refused_with_the_numbers()
    {
        var database = await _postgres.NewDatabase("plain");
        await using var node = new HostRun(
            _folder,
            ["up"],
            new Dictionary<string, string>
            {
                ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
                ["RALM__PERSISTENCE__CONNECTION_STRING"] = database,
                ["RALM__PERSISTENCE__MAX_CONNECTIONS"] = "120",
            }
        );
        var (code, errors) = await node.Ended();

        Assert.Equal(1, code);
        Assert.Matches("this node needs 121 connections to the database, and of 97 only 9[0-9] are free", errors);
    }

    private static async Task Write(HostCluster cluster, int user, int[] acknowledged, CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            await cluster.Accepted(
                $"/training/users/user-{user}/interactions",
                new RecordInteraction
                {
                    Header = new CommandHeader { CommandId = $"swipe-{user}-{n}" },
                    UserId = $"user-{user}",
                    CandidateId = $"candidate-{n}",
                    User = AgeCity.Person(20 + user),
                    Candidate = AgeCity.Person(20 + n),
                    Label = n % 2,
                },
                user
            );
            acknowledged[user] = n;
            // Nodes that start and recover meanwhile need the machine too.
            await Task.Delay(250, CancellationToken.None);
        }
    }

    /// <summary>Of the nodes, as an operator sees them who still gets in.</summary>
    private async Task<int> Sessions(string database)
    {
        var admin = new NpgsqlConnectionStringBuilder(database) { Username = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(admin.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*)::int FROM pg_stat_activity WHERE usename = 'plain'";
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
