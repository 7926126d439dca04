using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>An answer in another form than JSON.</summary>
/// <param name="Name">Ends the operation's id, such as "Html".</param>
public sealed record Rendering(string Name, string MediaType, Func<IWireMessage, string> Write)
{
    public string ContentType => $"{MediaType}; charset=utf-8";
}
