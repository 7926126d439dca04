using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>The way from a matching service to the back end: into this process's own regions, or over REST.</summary>
public interface IServiceTransport
{
    /// <summary>Sends one message once.</summary>
    /// <param name="region">Key of the region the message is for.</param>
    Task<ServiceAnswer> Send(Type region, IWireMessage message, CancellationToken ct);
}

/// <summary>A reply, a refusal, or neither: then nobody knows, and the message is to be sent again as it is.</summary>
public readonly record struct ServiceAnswer(IMessage? Reply, Rejection? Rejection)
{
    public static ServiceAnswer Unknown => default;

    public static ServiceAnswer Of(IMessage reply) => new(reply, null);

    public static ServiceAnswer Refused(Rejection rejection) => new(null, rejection);
}
