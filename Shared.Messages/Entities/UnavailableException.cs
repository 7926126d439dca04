namespace RalmActors.Messages.Entities;

/// <summary>An entity was asked and cannot answer now; that is no answer of "there is nothing".</summary>
public sealed class UnavailableException(string message) : Exception(message)
{
    /// <summary>The reply, unless it says that there is none.</summary>
    /// <exception cref="UnavailableException">It is <c>UNAVAILABLE</c>.</exception>
    public static object ThrowIf(object reply) =>
        reply is CommandReply { Outcome: CommandOutcome.Unavailable } unavailable
            ? throw new UnavailableException(
                unavailable.Unreadable is { } entity
                    ? $"{entity.Region}/{entity.EntityId} cannot be read: {entity.Reason}"
                    : "not available now"
            )
            : reply;
}
