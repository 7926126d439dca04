using System.Collections.Immutable;
using Akka.Actor;

namespace RalmActors.Messages.Entities;

/// <summary>
/// Commands that wait to be decided with the entity's next event, in whose row of the journal they then stand. Each is one whose
/// repetition the state recognises, so one that is lost with this incarnation is simply sent again.
/// </summary>
/// <param name="atMost">Waits no longer than this for such an event.</param>
/// <param name="whenDue">The first has waited so long.</param>
public sealed class HeldCommands(ITimerScheduler timers, TimeSpan atMost, Action whenDue)
{
    private const string Timer = "held";

    /// <summary>More are decided at once: a row of the journal stays small.</summary>
    private const int Most = 64;

    private readonly ImmutableArray<Held>.Builder _held = ImmutableArray.CreateBuilder<Held>();

    public bool IsEmpty => _held.Count == 0;

    /// <returns>False: there are as many as may be.</returns>
    public bool Add(IIdempotentCommand command, IActorRef replyTo)
    {
        if (IsEmpty)
        {
            timers.After(Timer, atMost, whenDue);
        }

        _held.Add(new Held(command, replyTo));
        return _held.Count < Most;
    }

    /// <summary>All of them, in the order they came; none is held any more.</summary>
    public ImmutableArray<Held> Take()
    {
        if (IsEmpty)
        {
            return [];
        }

        timers.Cancel(Timer);
        return _held.DrainToImmutable();
    }

    public sealed record Held(IIdempotentCommand Command, IActorRef ReplyTo);
}
