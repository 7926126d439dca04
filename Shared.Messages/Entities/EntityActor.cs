using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Persistence;
using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// The shell of every entity: decide, persist, apply, reply. The sender hears "accepted" only when the journal has all
/// of it. Rules live in <typeparamref name="TState"/>; a subclass adds effects only, derived from the state, so that a
/// restart finds them again.
/// </summary>
public abstract class EntityActor<TState> : UntypedPersistentActor, IWithTimers
    where TState : IEntityState<TState>
{
    private readonly EntityCore<TState> _core;
    private readonly SnapshotPace _snapshots;
    private readonly EntityMeter _meter;
    private bool _snapshotIsStale;
    private bool _leaving;
    private bool _asksToLeave;
    private long _recoveredNr;
    private (CommandHeader Header, IActorRef? ReplyTo)? _writing;
    private HeldCommands? _held;
    private OutboxSender? _outbox;

    protected EntityActor(string region, string entityId, EntityOptions options, TimeProvider clock)
    {
        _snapshots = new SnapshotPace(options);
        _meter = new EntityMeter(region);
        _core = new EntityCore<TState>(entityId, options.RememberFor);
        PersistenceId = $"{region}-{entityId}";
        EntityId = entityId;
        Clock = clock;
    }

    public override string PersistenceId { get; }

    public ITimerScheduler Timers { get; set; } = null!;

    protected string EntityId { get; }

    protected TimeProvider Clock { get; }

    protected TState State => _core.State;

    /// <summary>The state is recovered: take up what it says is still to be done.</summary>
    protected virtual void OnReady() { }

    /// <summary>Events are journaled and applied: start the effects that follow from the new state.</summary>
    protected virtual void OnChanged(TState before, ImmutableArray<IEvent> events) { }

    /// <summary>Messages of the subclass's own: timers, answers of other actors. False when it does not know it.</summary>
    protected virtual bool OnOther(object message) => false;

    /// <summary>A command, before the state sees it. True when the subclass has taken it (to group it with others).</summary>
    protected virtual bool Intercept(ICommand command) => false;

    /// <summary>
    /// Commands that <see cref="Intercept"/> took wait for an answer: a stop waits until they have it, for whoever asks what an
    /// entity does not know yet may make it leave memory at that moment. Only true for a time that ends.
    /// </summary>
    protected virtual bool IsBusy => false;

    /// <summary>False: the state will soon be much smaller, and is not photographed before.</summary>
    protected virtual bool IsCompact => true;

    /// <summary>How long a command that is held waits for an event of the entity's own; zero: nothing is held.</summary>
    protected virtual TimeSpan HoldFor => TimeSpan.Zero;

    /// <summary>What the state owes to others; a subclass may add what its settings say about it.</summary>
    protected virtual IEnumerable<OutgoingCommand> Owed => State.Outbox;

    /// <summary>
    /// After a change, <see cref="Owed"/> as a whole; a subclass that may owe much says only what is new and what has ended.
    /// </summary>
    protected virtual void OnOwing(TState before, ImmutableArray<IEvent> events) => Outbox.Owe(Owed);

    /// <summary>Between the attempts to deliver it.</summary>
    protected virtual RetryPauses Pauses => RetryPauses.Default;

    /// <summary>Where it goes; null while the region is not there yet.</summary>
    /// <param name="region">Key of the region.</param>
    protected virtual ICanTell? Way(Type region) =>
        throw new NotSupportedException($"{PersistenceId} has no way to {region.Name}");

    /// <summary>A command that was owed is settled, and what follows from it is about to be journaled.</summary>
    protected virtual void OnSettled(Settlement settled)
    {
        if (settled.Refused is { } refused)
        {
            Log.Warning("{0}: {1} is refused: {2}", PersistenceId, settled.Key, refused);
        }
    }

    /// <summary>The state's answer; a subclass may add what only this incarnation knows (how far a run has come).</summary>
    protected virtual IWireMessage Answer(IQuery query) => State.Answer(query);

    /// <summary>Answers now; a subclass may answer later what the state alone does not know.</summary>
    protected virtual void Reply(IQuery query, IActorRef to) => to.Tell(Answer(query));

    protected sealed override void OnCommand(object message)
    {
        switch (message)
        {
            case ICommand command when !Intercept(command):
                Execute(command, Sender);
                break;
            case ICommand:
                break;
            case IQuery query:
                Reply(query, Sender);
                break;
            case StopEntity when IsBusy:
                _leaving = true;
                break;
            case StopEntity when !Held.IsEmpty:
                CommitHeld();
                Self.Tell(StopEntity.Instance);
                break;
            case StopEntity:
                Context.Stop(Self);
                break;
            case SaveSnapshotSuccess saved:
                OnPhotographed(Math.Min(_snapshots.BeforeNewest, saved.Metadata.SequenceNr));
                break;
            case SaveSnapshotFailure failed:
                Log.Warning(failed.Cause, "{0}: snapshot at {1} failed", PersistenceId, failed.Metadata.SequenceNr);
                break;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure or DeleteSnapshotSuccess or DeleteSnapshotFailure:
            case DeleteMessagesSuccess or DeleteMessagesFailure:
                break;
            case Tick tick:
                tick.Do();
                break;
            case CommandReply reply when Outbox.Hear(reply) is { } settled:
                Settle(settled);
                break;
            default:
                if (!OnOther(message))
                {
                    Unhandled(message);
                }

                break;
        }

        if (_leaving && !IsBusy)
        {
            _leaving = false;
            // Behind what has just been given to the journal.
            Self.Tell(StopEntity.Instance);
        }
    }

    protected sealed override void OnRecover(object message)
    {
        switch (message)
        {
            case IEvent or EventGroup when _snapshotIsStale:
                break;
            case IEvent or EventGroup:
                MissingEventException.ThrowUnlessNext(PersistenceId, _recoveredNr, LastSequenceNr);
                _recoveredNr = LastSequenceNr;
                Apply((IWireMessage)message);
                break;
            case SnapshotOffer { Snapshot: EntitySnapshot snapshot } offer:
                _recoveredNr = offer.Metadata.SequenceNr;
                Restore(snapshot, _recoveredNr);
                break;
            case RecoveryCompleted when _snapshotIsStale:
                // Starts us again, with the mailbox kept: from the snapshot before, or from the journal alone.
                throw new StaleSnapshotException(PersistenceId);
            case RecoveryCompleted:
                UnreadableEntities.Of(Context.System).Recovered(_meter.Region, EntityId);
                Outbox.Owe(Owed, atOnce: true);
                OnReady();
                break;
            default:
                throw new NotSupportedException($"{PersistenceId}: the journal holds a {message.GetType()}");
        }
    }

    private HeldCommands Held => _held ??= new HeldCommands(Timers, HoldFor, CommitHeld);

    protected OutboxSender Outbox => _outbox ??= new OutboxSender(Timers, Pauses, Way, Self);

    private void Settle(Settlement settled)
    {
        OnSettled(settled);
        if (State.Settle(settled) is { } decision)
        {
            var header = new CommandHeader
            {
                CommandId = $"settled:{settled.Key}",
                CorrelationId = settled.CorrelationId,
            };
            Commit(decision, header, _ => { });
        }
    }

    /// <summary>Akka would log an error at every attempt; whoever keeps the list does it once.</summary>
    protected sealed override void OnRecoveryFailure(Exception reason, object? message = null) =>
        UnreadableEntities.Of(Context.System).Failed(_meter.Region, EntityId, reason);

    /// <summary>Another release's form, or one it cannot read, is dropped: the journal has everything.</summary>
    private void Restore(EntitySnapshot snapshot, long sequenceNr)
    {
        _snapshotIsStale = !_core.TryRestore(snapshot, sequenceNr);
        if (_snapshotIsStale)
        {
            Log.Warning("{0}: snapshot at {1} is of another form, going back behind it", PersistenceId, sequenceNr);
            DeleteSnapshot(sequenceNr);
            return;
        }

        _snapshots.Begin(sequenceNr, snapshot);
    }

    /// <summary>Nothing is left to do: an entity that is remembered leaves memory only when it asks to.</summary>
    protected void LeaveMemory()
    {
        _asksToLeave = true;
        Context.Parent.Tell(new Passivate(StopEntity.Instance));
    }

    /// <summary>What the state would say now. Nothing is journaled, nobody is answered.</summary>
    protected Decision Consider(ICommand command) => _core.Decide(command, Clock.GetUtcNow());

    /// <summary>Runs one command through the state; the reply goes out after the journal.</summary>
    /// <param name="decide">Brings facts that only the shell can ask for; null: the state decides by the command alone.</param>
    protected void Execute(ICommand command, IActorRef replyTo, Func<TState, DateTimeOffset, Decision>? decide = null)
    {
        CommandStages.Reached(CommandStages.Received, command.Header);
        Commit(
            _core.Decide(command, Clock.GetUtcNow(), decide),
            command.Header ?? new CommandHeader(),
            replyTo,
            reply => replyTo.Tell(reply)
        );
    }

    /// <summary>The command is decided with the entity's next event, in the same row of the journal, and then answered.</summary>
    protected void Hold(IIdempotentCommand command, IActorRef replyTo)
    {
        if (HoldFor == TimeSpan.Zero)
        {
            Execute(command, replyTo);
        }
        else if (!Held.Add(command, replyTo))
        {
            CommitHeld();
        }
    }

    private void CommitHeld() => Write(Decision.Nothing, new CommandHeader(), null, _ => { });

    /// <summary>Journals a decision of the subclass's own making (a group of commands), then calls back.</summary>
    protected void Commit(Decision decision, CommandHeader header, Action<IWireMessage> done) =>
        Commit(decision.Stamp(header, Clock.GetUtcNow()), header, null, done);

    /// <summary>The answer could not be had in time: nothing has happened, and the same command may come again.</summary>
    protected void AnswerUnavailable(ICommand command, IActorRef replyTo) =>
        replyTo.Tell(_core.Reply(command.Header, CommandOutcome.Unavailable));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistFailure(cause, @event, sequenceNr);
        AnswerUnavailable();
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        AnswerUnavailable();
        // Some events of the group may be in the journal: only a replay tells.
        Context.Stop(Self);
    }

    /// <summary>A decision without an event needs no disk: it is answered at once, and what is held goes on waiting.</summary>
    private void Commit(Decision decision, CommandHeader header, IActorRef? replyTo, Action<IWireMessage> done)
    {
        if (decision.Events.IsEmpty)
        {
            done(_core.Answer(_meter.Answered(decision), header));
            return;
        }

        Write(decision, header, replyTo, done);
    }

    /// <summary>What is held goes with it: it is decided behind, in the same row.</summary>
    private void Write(Decision decision, CommandHeader header, IActorRef? replyTo, Action<IWireMessage> done)
    {
        var held = Held.Take();
        var behind = held.IsEmpty ? [] : _core.DecideBehind(decision.Events, held, Clock.GetUtcNow());
        var events = held.IsEmpty ? decision.Events : [.. decision.Events, .. behind.SelectMany(d => d.Events)];
        if (events.IsEmpty)
        {
            Answer();
            return;
        }

        var (before, waiting) = (State, 1);
        _writing = (header, replyTo);
        _meter.WriteBegins();
        CommandStages.Reached(CommandStages.Decided, header);
        if (events.Length == 1)
        {
            Persist(events[0], Persisted);
        }
        else
        {
            var rows = EventGroup.RowsOf(events);
            waiting = rows.Length;
            PersistAll(rows, Persisted);
        }

        void Persisted(IWireMessage row)
        {
            Apply(row);
            if (--waiting == 0)
            {
                Journaled();
            }
        }

        void Journaled()
        {
            _writing = null;
            _meter.Written(events);
            CommandStages.Reached(CommandStages.Journaled, header);
            Answer();
            ComeBackIfLeaving();
            OnChanged(before, events);
            OnOwing(before, events);
            if (IsCompact && _snapshots.IsDue(LastSequenceNr))
            {
                SnapshotNow();
            }
        }

        void Answer()
        {
            done(_core.Answer(_meter.Answered(decision), header));
            for (var i = 0; i < held.Length; i++)
            {
                held[i].ReplyTo.Tell(_core.Answer(_meter.Answered(behind[i]), held[i].Command.Header));
            }
        }
    }

    private void Apply(IWireMessage row)
    {
        _core.Apply(row);
        _snapshots.Journaled(row);
    }

    /// <summary>
    /// Kept by the shard until this one has gone: what a command has given it to do while it was leaving is taken up by the
    /// next incarnation, whether or not anybody asks.
    /// </summary>
    private void ComeBackIfLeaving()
    {
        if (_asksToLeave)
        {
            _asksToLeave = false;
            Context.Parent.Tell(new ShardRegion.StartEntity(EntityId));
        }
    }

    /// <summary>Photographs the state now; recovery then starts here.</summary>
    protected void SnapshotNow()
    {
        var snapshot = _core.ToSnapshot();
        _snapshots.Begin(LastSequenceNr, snapshot);
        SaveSnapshot(snapshot);
    }

    /// <summary>Keeps the newest snapshot and the one before it. A criterion below 1 would mean "no limit" and delete all.</summary>
    /// <param name="sequenceNr">Of the one before; 0: there is none.</param>
    protected virtual void OnPhotographed(long sequenceNr)
    {
        if (sequenceNr > 1)
        {
            DeleteSnapshots(new SnapshotSelectionCriteria(sequenceNr - 1));
        }
    }

    private void AnswerUnavailable()
    {
        _meter.WriteFailed();
        _writing?.ReplyTo?.Tell(_core.Reply(_writing.Value.Header, CommandOutcome.Unavailable));
    }
}
