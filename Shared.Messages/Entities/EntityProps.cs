using Akka.Actor;
using Akka.Pattern;

namespace RalmActors.Messages.Entities;

/// <summary>Stops an entity behind whatever it is still writing.</summary>
public sealed class StopEntity : INoSerializationVerificationNeeded
{
    public static readonly StopEntity Instance = new();

    private StopEntity() { }
}

public static class EntityProps
{
    private static readonly CommandReply Unavailable = new() { Outcome = CommandOutcome.Unavailable };

    /// <summary>
    /// A journal that fails stops the entity; it starts again after 0.2 s, doubling to 10 s. Until then senders are told
    /// at once that it is unavailable.
    /// </summary>
    public static Props Supervised(Props entity) =>
        BackoffSupervisor.Props(
            Backoff
                .OnStop(entity, "entity", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), 0.2, -1)
                .WithFinalStopMessage(message => message is StopEntity)
                .WithReplyWhileStopped(Unavailable)
        );
}
