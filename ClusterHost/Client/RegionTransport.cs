using Akka.Actor;
using Akka.Hosting;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>Asks the regions of a node in this process.</summary>
public sealed class RegionTransport(IReadOnlyActorRegistry registry) : IServiceTransport
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    public Task<Answer<IWireMessage>> Send(Type region, IWireMessage message, CancellationToken ct) =>
        registry.TryGet(region, out var target)
            ? target.AskFor<IWireMessage>(message, Attempt, ct)
            : throw new InvalidOperationException($"this node does not know the way to {region.Name}");
}
