using Akka.Actor;
using Akka.Cluster;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Cluster;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

public sealed class ForeignCertificateSpecs(PostgresServer postgres)
{
    private static readonly TimeSpan LongEnoughToJoin = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_node_with_a_certificate_of_ours_joins()
    {
        using var authority = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Node.StartUp(Options(database, authority, authority));

        await using var second = await Node.StartUp(Options(database, authority, authority), first);

        Assert.Equal("akka.ssl.tcp", first.Address.Protocol);
        Assert.Equal(2, first.Cluster.State.Members.Count);
    }

    [Fact]
    public async Task A_node_with_a_foreign_certificate_cannot_join_even_when_its_issuer_bears_our_name()
    {
        using var ours = new Authority("ralm");
        using var theirs = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Node.StartUp(Options(database, ours, ours));

        // It trusts everybody it can: only our side can refuse.
        await using var foreign = await Node.Start(Options(database, theirs, theirs, ours), first);

        await AssertStaysAlone(first, foreign, first.Address);
    }

    [Fact]
    public async Task A_node_that_speaks_no_tls_cannot_join()
    {
        using var ours = new Authority("ralm");
        var database = await postgres.NewDatabase();
        await using var first = await Node.StartUp(Options(database, ours, ours));

        await using var plain = await Node.Start(new NodeOptions { Database = database }, first);

        await AssertStaysAlone(first, plain, first.Address.WithProtocol("akka.tcp"));
    }

    private static NodeOptions Options(string database, Authority own, params ReadOnlySpan<Authority> trusted)
    {
        var roots = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
        foreach (var authority in trusted)
        {
            roots.AddRange(authority.Roots);
        }

        return new NodeOptions { Database = database, Tls = ClusterTrust.Ssl(own.Issue("node"), roots) };
    }

    private static async Task AssertStaysAlone(Node first, Node stranger, Address door)
    {
        using var patience = new CancellationTokenSource(LongEnoughToJoin);
        var joins = stranger.Cluster.JoinAsync(door, patience.Token);

        await Assert.ThrowsAnyAsync<Exception>(() => joins);
        Assert.Equal(first.Cluster.SelfUniqueAddress, Assert.Single(first.Cluster.State.Members).UniqueAddress);
        Assert.DoesNotContain(stranger.Cluster.State.Members, m => m.Status == MemberStatus.Up);
    }
}
