using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Monitoring.Domain;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// The shell of a collector. It has a clock, for silence is what no message tells; and it is remembered, so that it notices the
/// silence of a source though nobody calls it. It leaves memory when the clock has nothing left to do.
/// </summary>
public sealed class CollectorActor(
    string sourceId,
    CollectorOptions options,
    TimeProvider clock,
    Func<Type, ICanTell?> way
) : EntityActor<CollectorState>(RegionNames.Collector, sourceId, options.Entity, clock)
{
    private DateTimeOffset _listeningSince;

    /// <summary>The webhook may take its time.</summary>
    protected override RetryPauses Pauses => options.RetryPauses;

    protected override ICanTell? Way(Type region) => way(region);

    protected override IEnumerable<OutgoingCommand> Owed =>
        options.Channels.Length > 1 ? State.OwedTo(options.Channels) : base.Owed;

    protected override void OnReady()
    {
        _listeningSince = Clock.GetUtcNow();
        Timers.Every(nameof(LookAtClock), options.LookEvery, LookAtClock);
    }

    /// <summary>
    /// Samplings are many, and the photographs hold them compressed: what the older of the two that are kept holds leaves the
    /// journal. The form of the photograph must be read for ever, therefore.
    /// </summary>
    protected override void OnPhotographed(long sequenceNr)
    {
        base.OnPhotographed(sequenceNr);
        if (sequenceNr > 0)
        {
            DeleteMessages(sequenceNr);
        }
    }

    private void LookAtClock()
    {
        var now = Clock.GetUtcNow();
        // A clock that was set back: nothing has been heard by it yet.
        _listeningSince = now < _listeningSince ? now : _listeningSince;
        if (State.Notice(now, _listeningSince, options.RepeatEvery) is { Events.IsEmpty: false } noticed)
        {
            var header = new CommandHeader { CommandId = $"clock:{now.ToUnixTimeMilliseconds()}" };
            Commit(noticed, header, _ => { });
        }
        else if (
            now - LastHeard(now) > options.IdleAfter
            && State.IsAtRest(now, _listeningSince, options.RepeatEvery is not null)
        )
        {
            LeaveMemory();
        }
    }

    private DateTimeOffset LastHeard(DateTimeOffset now) =>
        DateTimeOffset.FromUnixTimeMilliseconds(State.HeardMs) is var heard && heard > _listeningSince && heard <= now
            ? heard
            : _listeningSince;
}
