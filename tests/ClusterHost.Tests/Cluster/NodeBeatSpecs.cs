using System.Net;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Cluster;

/// <summary>Readiness writes for real: what a sender would find out, <c>/health/ready</c> knows before.</summary>
public sealed class NodeBeatSpecs(NodeInFolder node) : IClassFixture<NodeInFolder>
{
    private readonly TestNode _node = node.Node;

    private string File => Path.Combine(node.Folder, "ralm.db");

    [Fact]
    public async Task A_database_that_somebody_else_locks_is_not_ready_until_it_is_free_and_liveness_never_asks()
    {
        await using (var other = await Open())
        {
            await Execute(other, "BEGIN EXCLUSIVE");
            await Until(HttpStatusCode.ServiceUnavailable);
            Assert.Equal(HttpStatusCode.OK, (await _node.Client.GetAsync(Relative("/health/live"))).StatusCode);
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await _node.Client.GetAsync(Relative("/training/users/u-1"))).StatusCode
            );
            await Execute(other, "ROLLBACK");
        }

        await Until(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_database_that_is_deleted_under_a_node_makes_it_not_ready()
    {
        System.IO.File.Move(File, $"{File}.away");
        await Until(HttpStatusCode.ServiceUnavailable);
        // More at once than there are connections to the file that has gone.
        await Task.WhenAll(
            Enumerable.Range(0, 100).Select(n => _node.Client.GetAsync(Relative($"/training/users/u-{n}")))
        );
        Assert.False(System.IO.File.Exists(File), "an empty database was made in its place");
        System.IO.File.Move($"{File}.away", File);
        await Until(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lost_marker_is_made_again_with_the_same_name()
    {
        await using var other = await Open();
        var before = await Text(other, "SELECT cluster_id FROM ralm_cluster");
        await Execute(other, "DROP TABLE ralm_cluster");
        await Eventually.Is(async () =>
        {
            try
            {
                return await Text(other, "SELECT cluster_id FROM ralm_cluster WHERE holder <> ''") == before;
            }
            catch (SqliteException)
            {
                return false;
            }
        });
        await Until(HttpStatusCode.OK);
    }

    private async Task<SqliteConnection> Open()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False;Default Timeout=60");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task Execute(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> Text(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private Task Until(HttpStatusCode status) =>
        Eventually.Is(async () => (await _node.Client.GetAsync(Relative("/health/ready"))).StatusCode == status);

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}
