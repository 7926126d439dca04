using Akka.Actor;
using Akka.Hosting;
using RalmActors.ClusterHost.Tests.Node;
using RalmActors.Messages.Cluster;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Http;

/// <summary>One node for all HTTP specs; its user region is an <see cref="EchoRegion"/>.</summary>
public sealed class HttpNode : IAsyncLifetime
{
    /// <summary>More than one spec ever has, as a request counts a moment longer than its answer takes.</summary>
    public const int MaxInFlight = 8;

    public TestNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var node = await TestNode.Start(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["RALM__NODE__ROLES"] = "edge",
                ["RALM__HTTP__MAX_BODY_BYTES"] = "2048",
                ["RALM__HTTP__MAX_IN_FLIGHT"] = $"{MaxInFlight}",
            }
        );
        Node = await node.Ready();
        var registry = (ActorRegistry)Node.Node.Registry;
        registry.Register<UserRegion>(Node.Node.System.ActorOf(Props.Create<EchoRegion>()), overwrite: true);
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
