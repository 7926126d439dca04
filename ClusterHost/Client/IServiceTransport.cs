using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Client;

/// <summary>The way from a matching service to the back end: into this process's own regions, or over REST.</summary>
public interface IServiceTransport
{
    /// <summary>Sends one message once; what is not available is to be sent again as it is.</summary>
    /// <param name="region">Key of the region the message is for.</param>
    Task<Answer<IWireMessage>> Send(Type region, IWireMessage message, CancellationToken ct);
}
