using System.Net;
using Npgsql;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Cluster;

/// <summary>What others see of a node that stops, and of one whose journal does not answer.</summary>
public sealed class StoppingSpecs(PostgresServer postgres)
{
    private static readonly Uri ReadyUrl = new("/health/ready", UriKind.Relative);

    [Fact]
    public async Task A_node_that_stops_says_so_while_it_still_answers()
    {
        await using var node = await Start(("RALM__HTTP__DRAIN", "5"));
        using var client = new HttpClient { BaseAddress = node.Client.BaseAddress };
        var stopping = node.Node.DisposeAsync().AsTask();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(ReadyUrl)).StatusCode);
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri("/training/users/u-1", UriKind.Relative));
        asked.Headers.Add("X-Api-Key", TestNode.Key);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, (await client.SendAsync(asked)).StatusCode);
        await stopping;
    }

    [Fact]
    public async Task A_journal_whose_writes_do_not_come_back_is_not_ready_until_they_do()
    {
        var database = await postgres.NewDatabase();
        await using var node = await Start(
            ("RALM__PERSISTENCE__PROVIDER", "postgres"),
            ("RALM__PERSISTENCE__CONNECTION_STRING", database)
        );
        await using (var other = new NpgsqlConnection(database))
        {
            await other.OpenAsync();
            await using var locking = await other.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE", other);
            await command.ExecuteNonQueryAsync();
            await Until(node, HttpStatusCode.ServiceUnavailable);
        }

        await Until(node, HttpStatusCode.OK);
    }

    private static async Task<TestNode> Start(params (string Name, string Value)[] settings) =>
        await (await TestNode.Start(settings.ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal))).Ready();

    private static Task Until(TestNode node, HttpStatusCode status) =>
        Eventually.Is(async () => (await node.Client.GetAsync(ReadyUrl)).StatusCode == status);
}
