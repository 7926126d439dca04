using Akka.Actor;
using Akka.Cluster;
using RalmActors.Cluster.Specs.Support;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>Whole nodes, as <c>up</c> starts them, with mutual TLS between them.</summary>
public sealed class ForeignCertificateSpecs(PostgresServer postgres) : IDisposable
{
    private static readonly TimeSpan LongEnoughToJoin = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-tls-").FullName;
    private readonly int _firstPort = LocalServer.FreePort();

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_node_with_a_certificate_of_ours_joins()
    {
        using var ours = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Start(database, ours.Issue(_folder), _firstPort);

        await using var second = await Start(database, ours.Issue(_folder), LocalServer.FreePort());

        await Eventually.Is(() => ClusterOf(first).State.Members.Count(m => m.Status == MemberStatus.Up) == 2);
        Assert.Equal("akka.ssl.tcp", ClusterOf(first).SelfAddress.Protocol);
    }

    [Fact]
    public async Task A_node_with_a_foreign_certificate_cannot_join_even_when_its_issuer_bears_our_name()
    {
        using var ours = new Authority("ralm");
        using var theirs = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Start(database, ours.Issue(_folder), _firstPort);

        // It trusts us too: only our side can refuse.
        await using var foreign = await Start(database, theirs.Issue(_folder, ours), LocalServer.FreePort());

        await AssertStaysOutside(first, foreign, ClusterOf(first).SelfAddress);
    }

    [Fact]
    public async Task A_node_that_speaks_no_tls_cannot_join()
    {
        using var ours = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Start(database, ours.Issue(_folder), _firstPort);

        await using var plain = await Start(database, "", LocalServer.FreePort());

        await AssertStaysOutside(first, plain, ClusterOf(first).SelfAddress.WithProtocol("akka.tcp"));
    }

    private Task<RalmNode> Start(string database, string certificate, int port)
    {
        Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Node:DataPath"] = Path.Combine(_folder, $"{port}"),
            ["Node:Port"] = $"{port}",
            ["Node:Seeds"] = $"127.0.0.1:{_firstPort}",
            ["Node:Roles"] = "edge",
            ["Http:Urls"] = "http://127.0.0.1:0",
            ["Tls:Certificate"] = certificate,
            ["Persistence:Provider"] = "postgres",
            ["Persistence:ConnectionString"] = database,
            ["Logging:Level"] = "error",
        };
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        return RalmNode.Start(RalmSettings.Read(WrittenSettings.From(none, null, settings)), CancellationToken.None);
    }

    private static Akka.Cluster.Cluster ClusterOf(RalmNode node) => Akka.Cluster.Cluster.Get(node.System);

    private static async Task AssertStaysOutside(RalmNode first, RalmNode stranger, Address endpoint)
    {
        await Eventually.Is(() => ClusterOf(first).State.Members.Any(m => m.Status == MemberStatus.Up));
        using var patience = new CancellationTokenSource(LongEnoughToJoin);

        await Assert.ThrowsAnyAsync<Exception>(() => ClusterOf(stranger).JoinAsync(endpoint, patience.Token));

        Assert.Equal(ClusterOf(first).SelfUniqueAddress, Assert.Single(ClusterOf(first).State.Members).UniqueAddress);
        Assert.DoesNotContain(ClusterOf(stranger).State.Members, m => m.Status == MemberStatus.Up);
    }
}
