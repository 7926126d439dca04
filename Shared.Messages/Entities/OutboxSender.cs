using Akka.Actor;
using Akka.Hosting;

namespace RalmActors.Messages.Entities;

/// <summary>The hands of an <see cref="Outbox"/>: its actor's timers, of which it hears each <see cref="Tick"/>, and the way to the regions.</summary>
/// <param name="way">Null while the region is not there yet; what matters is sent again.</param>
public sealed class OutboxSender(ITimerScheduler timers, RetryPauses pauses, Func<Type, ICanTell?> way, IActorRef self)
{
    private Outbox _outbox = Outbox.Empty;

    /// <summary>To the regions of this node, as they come up.</summary>
    public static Func<Type, ICanTell?> WayTo(IReadOnlyActorRegistry regions) => region => WayTo(regions, region);

    /// <summary>To one region of this node; null while it is not there yet.</summary>
    public static ICanTell? WayTo(IReadOnlyActorRegistry regions, Type region) =>
        regions.TryGet(region, out var way) ? way : null;

    /// <inheritdoc cref="Outbox.Owing"/>
    public void Owe(IEnumerable<OutgoingCommand> owed, bool atOnce = false)
    {
        // Most entities owe nothing, at every event.
        if (!_outbox.Deliveries.IsEmpty || !owed.TryGetNonEnumeratedCount(out var count) || count > 0)
        {
            Take(_outbox.Owing(owed, atOnce));
        }
    }

    /// <inheritdoc cref="Outbox.Begin"/>
    public void Begin(OutgoingCommand command) => Take(_outbox.Begin(command));

    /// <inheritdoc cref="Outbox.End"/>
    public void End(string key) => Take(_outbox.End(key));

    /// <inheritdoc cref="Outbox.EndOwn"/>
    public void EndOwn() => Take(_outbox.EndOwn());

    /// <inheritdoc cref="Outbox.Silent"/>
    public Outbox.Delivery? Silent => _outbox.Silent;

    /// <inheritdoc cref="Outbox.Hear"/>
    public Settlement? Hear(CommandReply reply)
    {
        if (_outbox.Hear(reply) is not var (next, settled))
        {
            return null;
        }

        _outbox = next;
        timers.Cancel(TimerOf(settled.Key));
        return settled;
    }

    private void Take(Outbox.Change change)
    {
        _outbox = change.Next;
        foreach (var key in change.Gone)
        {
            timers.Cancel(TimerOf(key));
        }

        foreach (var (key, wait) in change.Begun)
        {
            if (wait > TimeSpan.Zero)
            {
                timers.After(TimerOf(key), wait, () => Send(key));
            }
            else
            {
                Send(key);
            }
        }
    }

    private void Send(string key)
    {
        if (_outbox.Send(key) is not var (next, attempt))
        {
            return;
        }

        _outbox = next;
        way(attempt.Owed.Region)?.Tell(attempt.Command, self);
        var pause = Backoff.After(pauses.First, attempt.Number, pauses.Most) + attempt.Owed.Patience;
        timers.After(TimerOf(key), pause, () => Send(key));
    }

    private static string TimerOf(string key) => $"outbox {key}";
}
