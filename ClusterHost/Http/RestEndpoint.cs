using Google.Protobuf.Reflection;
using RalmActors.ClusterHost.Exports;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Http;

/// <summary>One REST operation: a message that goes to a region, and what comes back.</summary>
/// <param name="Method">GET for queries, POST for commands.</param>
/// <param name="Route">Parameters carry the names of the message's fields.</param>
/// <param name="Region">Key of the region in the actor registry.</param>
public sealed record RestEndpoint(
    string Method,
    string Route,
    Type Region,
    MessageDescriptor Request,
    MessageDescriptor Reply
)
{
    /// <summary>The request's first text names what it is for.</summary>
    public bool NeedsId { get; init; } = true;

    /// <summary>Its name in the OpenAPI document, and no other's.</summary>
    public string OperationId => $"{Request.Name}{Rendering?.Name ?? Export?.Name}{(IsBulk ? "Bulk" : "")}";

    /// <summary>Many messages in one request, each with its own answer: a JSON array, or a line of JSON each.</summary>
    public bool IsBulk { get; init; }

    /// <summary>Puts the reply into another form than JSON.</summary>
    public Rendering? Rendering { get; init; }

    /// <summary>Series page by page, in another form than JSON.</summary>
    public SeriesForm? Export { get; init; }

    /// <summary>Fills what the sender left to the owner of the node.</summary>
    public Action<IWireMessage, RalmSettings>? Defaults { get; init; }

    public static RestEndpoint Command<TCommand, TRegion>(string route)
        where TCommand : ICommand, new() =>
        new(HttpMethods.Post, route, typeof(TRegion), new TCommand().Descriptor, CommandReply.Descriptor);

    /// <summary>A command or request with an answer of its own.</summary>
    public static RestEndpoint Exchange<TRequest, TReply, TRegion>(string route)
        where TRequest : IWireMessage, new()
        where TReply : IWireMessage, new() =>
        new(HttpMethods.Post, route, typeof(TRegion), new TRequest().Descriptor, new TReply().Descriptor);

    public static RestEndpoint Query<TQuery, TReply, TRegion>(string route)
        where TQuery : IQuery, new()
        where TReply : IWireMessage, new() =>
        new(HttpMethods.Get, route, typeof(TRegion), new TQuery().Descriptor, new TReply().Descriptor);

    /// <summary>Asks what is no entity.</summary>
    public static RestEndpoint List<TRequest, TReply, TKey>(string route)
        where TRequest : IWireMessage, new()
        where TReply : IWireMessage, new() =>
        new(HttpMethods.Get, route, typeof(TKey), new TRequest().Descriptor, new TReply().Descriptor)
        {
            NeedsId = false,
        };
}
