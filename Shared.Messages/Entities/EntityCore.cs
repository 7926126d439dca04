using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// All that the shell does with a state except I/O: header checks, deduplication, stamping, replay, snapshots.
/// The actor shell and the model-based tests run this same code.
/// </summary>
public sealed class EntityCore<TState>(string entityId, TimeSpan? rememberFor = null)
    where TState : IEntityState<TState>
{
    private readonly CommandMemory _memory = new(rememberFor ?? CommandMemory.Default);

    public TState State { get; private set; } = TState.Empty(entityId);

    /// <summary>How many rows of the journal this state has absorbed.</summary>
    public long SequenceNr { get; private set; }

    /// <summary>Decides, with events stamped and ready to be journaled. Changes nothing.</summary>
    /// <param name="decide">How the state is asked where it needs more than the command; null: by the command alone.</param>
    public Decision Decide(ICommand command, DateTimeOffset now, Func<TState, DateTimeOffset, Decision>? decide = null)
    {
        if (CheckHeader(command) is { } rejection)
        {
            return Decision.Refuse(rejection);
        }

        if (command is IIdempotentCommand)
        {
            return Decided(command, now, decide).Stamp(command.Header, now);
        }

        var digest = command.Header.AsSent ?? CommandDigest.Of(command);
        return Recognise(command, digest)
            ?? TooOld(command.Header, now)
            ?? Decided(command, now, decide).Stamp(command.Header, now, digest);
    }

    /// <summary>
    /// What commands decide one after another behind events that are about to be journaled with theirs. Changes nothing.
    /// </summary>
    public ImmutableArray<Decision> DecideBehind(
        ImmutableArray<IEvent> events,
        ImmutableArray<HeldCommands.Held> held,
        DateTimeOffset now
    )
    {
        var state = events.Aggregate(State, (s, e) => s.Apply(e));
        var decisions = ImmutableArray.CreateBuilder<Decision>();
        foreach (var (command, _) in held)
        {
            var decision = CheckHeader(command) is { } rejection
                ? Decision.Refuse(rejection)
                : state.Decide(command, now).Stamp(command.Header, now);
            state = decision.Events.Aggregate(state, (s, e) => s.Apply(e));
            decisions.Add(decision);
        }

        return decisions.DrainToImmutable();
    }

    /// <param name="row">Of the journal: an event, or a group of them.</param>
    public void Apply(IWireMessage row)
    {
        SequenceNr++;
        foreach (var e in EventGroup.EventsOf(row))
        {
            State = State.Apply(e);
            _memory.Observe(e.Header, SequenceNr);
        }
    }

    /// <summary>What the sender hears, once the decision's events are journaled and applied.</summary>
    public IWireMessage Answer(Decision decision, CommandHeader header)
    {
        if (decision.Rejection is null)
        {
            if (decision.Reply is { } own)
            {
                return own;
            }

            var accepted = Reply(header, CommandOutcome.Accepted, decision.Note);
            accepted.PassedOver = decision.PassedOver.IsEmpty
                ? null
                : new PassedOver { Names = { decision.PassedOver } };
            return accepted;
        }

        var refusal = Reply(header, CommandOutcome.Rejected);
        refusal.Rejection = decision.Rejection;
        return refusal;
    }

    public CommandReply Reply(
        CommandHeader? header,
        CommandOutcome outcome,
        CommandNote note = CommandNote.Unspecified
    ) =>
        new()
        {
            CommandId = header?.CommandId ?? "",
            Outcome = outcome,
            SequenceNr = SequenceNr,
            Note = note,
        };

    public EntitySnapshot ToSnapshot()
    {
        var state = State.ToSnapshot();
        return new EntitySnapshot
        {
            StateManifest = state.Descriptor.FullName,
            StateVersion = TState.SnapshotVersion,
            State = state.ToByteString(),
            Remembered = _memory.ToMessage(),
        };
    }

    /// <summary>False, and nothing is changed, when the snapshot has a form this release does not read.</summary>
    public bool TryRestore(EntitySnapshot snapshot, long sequenceNr)
    {
        if (snapshot.StateVersion != TState.SnapshotVersion || !WireTypes.Knows(snapshot.StateManifest))
        {
            return false;
        }

        State = TState.FromSnapshot(entityId, WireTypes.Parse(snapshot.StateManifest, snapshot.State.Span));
        _memory.Restore(snapshot);
        SequenceNr = sequenceNr;
        return true;
    }

    private Decision Decided(ICommand command, DateTimeOffset now, Func<TState, DateTimeOffset, Decision>? decide) =>
        decide is null ? State.Decide(command, now) : decide(State, now);

    /// <summary>The same id has one effect: told again when it is the same command, refused when it is another.</summary>
    private Decision? Recognise(ICommand command, CommandDigest digest)
    {
        if (!_memory.TryGet(command.Header.CommandId, out var accepted))
        {
            return null;
        }

        var sequenceNr = accepted.SequenceNr == 0 ? SequenceNr : accepted.SequenceNr;
        return accepted.IsOtherThan(digest)
            ? Decision.OtherCommand(command, digest, accepted.Digest)
            : Decision.Duplicate(command.Header, sequenceNr, accepted.Note);
    }

    /// <summary>What may have been accepted and forgotten since is not taken for new.</summary>
    private Decision? TooOld(CommandHeader header, DateTimeOffset now) =>
        header.SentAt is { } sent && sent.Seconds < (now - _memory.RememberFor).ToUnixTimeSeconds()
            ? Decision.Invalid(
                "header.sent_at",
                Timestamps.Text(sent),
                $"must be less than {_memory.RememberFor.TotalHours} hours ago, for so long repetitions are recognised; "
                    + "what is still meant is a new command"
            )
            : null;

    private static Rejection? CheckHeader(ICommand command) =>
        command.Header is null
            ? Ids.Check("header.command_id", "")
            : Ids.Check("header.command_id", command.Header.CommandId)
                ?? Optional("header.correlation_id", command.Header.CorrelationId)
                ?? Optional("header.causation_id", command.Header.CausationId)
                ?? Ids.Check("entity id", command.EntityId)
                ?? CheckAuthor(command.Header.Author);

    private static Rejection? CheckAuthor(string author) =>
        author.Length <= Ids.MaxLength
            ? null
            : Rejections.Invalid("header.author", author.Length, $"must be at most {Ids.MaxLength} characters");

    private static Rejection? Optional(string field, string id) => id.Length == 0 ? null : Ids.Check(field, id);
}
