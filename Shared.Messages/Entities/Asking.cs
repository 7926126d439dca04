using Akka.Actor;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>The one way to ask an entity: silence and strangers are answers too, and no two answers fall together.</summary>
public static class Asking
{
    /// <param name="target">A region, or whoever answers as an entity does.</param>
    /// <param name="deadline">After it nobody could say.</param>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static async Task<Answer<T>> AskFor<T>(
        this ICanTell target,
        IWireMessage message,
        TimeSpan deadline,
        CancellationToken ct = default
    )
        where T : class, IWireMessage
    {
        try
        {
            return Read<T>(await target.Ask<object>(message, deadline, ct).ConfigureAwait(false));
        }
        catch (AskTimeoutException)
        {
            return new Answer<T>.Unavailable($"no answer within {deadline.TotalSeconds} s");
        }
    }

    /// <summary>Which of the four it is.</summary>
    public static Answer<T> Read<T>(object reply)
        where T : class, IWireMessage =>
        reply switch
        {
            CommandReply { Outcome: CommandOutcome.Unavailable, Unreadable: { } entity } => new Answer<T>.Unavailable(
                $"{entity.Region}/{entity.EntityId} cannot be read: {entity.Reason}",
                entity
            ),
            CommandReply { Outcome: CommandOutcome.Unavailable } => new Answer<T>.Unavailable(
                "not known whether it is in the journal"
            ),
            NotFoundReply missing => new Answer<T>.NotFound(missing),
            IWireMessage message when Rejections.Of(message) is { } rejection => new Answer<T>.Refused(rejection),
            T given => new Answer<T>.Given(given),
            _ => new Answer<T>.Unavailable($"an answer of type {reply.GetType().Name} is not part of the contract"),
        };
}
