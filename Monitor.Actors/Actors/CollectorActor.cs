using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Storage;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// The shell of a collector. It has a clock, for silence is what no message tells; and it is remembered, so that it notices the
/// silence of a source though nobody calls it. It leaves memory when the clock has nothing left to do.
/// </summary>
public sealed class CollectorActor(
    string sourceId,
    CollectorOptions options,
    IChunkStore store,
    TimeProvider clock,
    Func<Type, ICanTell?> way
) : EntityActor<CollectorState>(RegionNames.Collector, sourceId, options.Entity, clock)
{
    /// <summary>Chunks in one write: an old snapshot may hold all of 15 days.</summary>
    private const int MaxChunksAtOnce = 16;

    private static readonly TimeSpan KeepEvery = TimeSpan.FromHours(12);

    private readonly StoredSeries _stored = new(sourceId, store, options);
    private DateTimeOffset _keptAt;
    private bool _keeping;
    private DateTimeOffset _listeningSince;
    private bool _storing;
    private bool _storeFails;

    /// <summary>The webhook may take its time.</summary>
    protected override RetryPauses Pauses => options.RetryPauses;

    protected override ICanTell? Way(Type region) => way(region);

    protected override IEnumerable<OutgoingCommand> Owed =>
        options.Channels.Length > 1 ? State.OwedTo(options.Channels) : base.Owed;

    protected override void OnReady()
    {
        _listeningSince = Clock.GetUtcNow();
        Timers.Every(nameof(LookAtClock), options.LookEvery, LookAtClock);
        StoreSealed();
    }

    protected override void OnChanged(CollectorState before, ImmutableArray<IEvent> events)
    {
        if (!_storeFails)
        {
            StoreSealed();
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case StoredSeries.Written written:
                (_storing, _storeFails) = (false, false);
                _keptAt = default;
                var header = new CommandHeader { CommandId = $"stored:{written.ThroughNr}" };
                Commit(Decision.Accept(new ChunksStored { ThroughNr = written.ThroughNr }), header, _ => { });
                return true;
            case StoredSeries.Kept kept:
                _keeping = false;
                if (kept.Failure is { } failure)
                {
                    Log.Warning(failure, "{0}: tiers could not be made, or what is over not be deleted", PersistenceId);
                }

                return true;
            case StoredSeries.Failed failed:
                // They stay in the state, and the clock tries again.
                (_storing, _storeFails) = (false, true);
                Log.Warning(failed.Cause, "{0}: sealed chunks could not be stored", PersistenceId);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Series are read beside the actor: a question about years holds up no sampling.</summary>
    protected override void Reply(IQuery query, IActorRef to)
    {
        if (State.Begin(query) is { Refusal: null, Reading: { } reading })
        {
            _ = _stored
                .Answer(reading)
                .PipeTo(
                    to,
                    Self,
                    failure: e =>
                    {
                        Log.Warning(e, "{0}: series could not be read", PersistenceId);
                        return new CommandReply { Outcome = CommandOutcome.Unavailable };
                    }
                );
            return;
        }

        base.Reply(query, to);
    }

    /// <summary>
    /// Samplings are many, and the photographs and the store of chunks hold them compressed: what the older of the two photographs
    /// that are kept has absorbed leaves the journal. The form of the photograph must be read for ever, therefore.
    /// </summary>
    protected override void OnPhotographed(long sequenceNr)
    {
        base.OnPhotographed(sequenceNr);
        if (sequenceNr > 0)
        {
            DeleteMessages(sequenceNr);
        }
    }

    /// <summary>
    /// A chunk is written once it is sealed; the state lets go of it by an event of its own, when the store has it. After a crash
    /// between the two it is written again, in its own place.
    /// </summary>
    private void StoreSealed()
    {
        if (_storing || State.Series.Sealed.IsEmpty)
        {
            return;
        }

        _storing = true;
        _ = _stored.Write([.. State.Series.Sealed.Take(MaxChunksAtOnce)]).PipeTo(Self);
    }

    /// <summary>After each chunk, and else from time to time: what is over goes, though nothing comes any more.</summary>
    private void KeepStored(DateTimeOffset now)
    {
        if (!_keeping && State.Series.StoredThroughNr > 0 && now - _keptAt > KeepEvery)
        {
            (_keeping, _keptAt) = (true, now);
            _ = _stored.Keep(State.Series, now).PipeTo(Self);
        }
    }

    private void LookAtClock()
    {
        StoreSealed();
        var now = Clock.GetUtcNow();
        KeepStored(now);
        // A clock that was set back: nothing has been heard by it yet.
        _listeningSince = now < _listeningSince ? now : _listeningSince;
        if (State.Notice(now, _listeningSince, options.RepeatEvery) is { Events.IsEmpty: false } noticed)
        {
            var header = new CommandHeader { CommandId = $"clock:{now.ToUnixTimeMilliseconds()}" };
            Commit(noticed, header, _ => { });
        }
        else if (
            !_storing
            && !_keeping
            && now - LastHeard(now) > options.IdleAfter
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
