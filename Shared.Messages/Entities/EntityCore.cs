using Google.Protobuf;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// All that the shell does with a state except I/O: header checks, deduplication, stamping, replay, snapshots.
/// The actor shell and the model-based tests run this same code.
/// </summary>
public sealed class EntityCore<TState>(string entityId, int dedupCapacity = DedupWindow.DefaultCapacity)
    where TState : IEntityState<TState>
{
    private readonly DedupWindow _dedup = new(dedupCapacity);

    public TState State { get; private set; } = TState.Empty(entityId);

    /// <summary>How many events this state has absorbed; equals the journal's sequence number.</summary>
    public long SequenceNr { get; private set; }

    /// <summary>Decides, with events stamped and ready to be journaled. Changes nothing.</summary>
    /// <param name="decide">How the state is asked where it needs more than the command; null: by the command alone.</param>
    public Decision Decide(ICommand command, DateTimeOffset now, Func<TState, DateTimeOffset, Decision>? decide = null)
    {
        if (CheckHeader(command) is { } rejection)
        {
            return new Decision([], rejection);
        }

        if (IsDuplicate(command))
        {
            return Decision.Nothing.Replying(Reply(command.Header, CommandOutcome.Duplicate));
        }

        var decision = decide is null ? State.Decide(command, now) : decide(State, now);
        return decision.Stamp(command.Header, now, command is IIdempotentCommand);
    }

    public void Apply(IEvent e)
    {
        State = State.Apply(e);
        SequenceNr++;
        if (e.Header is { Idempotent: false, CausationId: { Length: > 0 } cause })
        {
            _dedup.Add(cause);
        }
    }

    /// <summary>What the sender hears, once the decision's events are journaled and applied.</summary>
    public IWireMessage Answer(Decision decision, CommandHeader header)
    {
        if (decision.Rejection is null)
        {
            return decision.Reply ?? Reply(header, CommandOutcome.Accepted, decision.Note);
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
            Dedup = _dedup.ToBytes(),
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
        _dedup.Restore(snapshot.Dedup);
        SequenceNr = sequenceNr;
        return true;
    }

    private bool IsDuplicate(ICommand command) =>
        command is not IIdempotentCommand && _dedup.Contains(command.Header.CommandId);

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
            : Decision.Invalid("header.author", author.Length, $"must be at most {Ids.MaxLength} characters").Rejection;

    private static Rejection? Optional(string field, string id) => id.Length == 0 ? null : Ids.Check(field, id);
}
