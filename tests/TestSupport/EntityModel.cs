using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.TestSupport;

/// <summary>
/// Drives one entity with random commands the way a hostile world does: repeated, delayed, reordered, and with a crash
/// before or after any write. Everything passes through bytes. It holds for every entity that
/// <list type="bullet">
/// <item>deciding changes neither the state nor the command, and gives the same decision twice;</item>
/// <item>a refusal names field and rule and leaves no event;</item>
/// <item>an accepted command, repeated at once or (unless the state itself recognises repetition) later, leaves no event;</item>
/// <item>a journaled command, repeated, is answered as it was, and refused with another body (the same exception);</item>
/// <item>what its outbox owes follows from the journal alone, says the same each time, and is owed no more once it is
/// settled with an event;</item>
/// <item>at every event boundary, the journal alone gives the live state, and so does any snapshot plus the rest.</item>
/// </list>
/// </summary>
/// <param name="EntityId">The entity under test.</param>
/// <param name="Next">A random command for the state; the number is unique and can make its command id.</param>
public sealed record EntityModel<TState>(string EntityId, Func<Random, TState, int, ICommand> Next)
    where TState : IEntityState<TState>
{
    /// <summary>Deliveries per seed.</summary>
    public int Steps { get; init; } = 40;

    /// <summary>Decisions that no command asks for: answers of other actors, timers. Null when there is none now.</summary>
    public Func<Random, TState, Decision?>? Effect { get; init; }

    /// <summary>What must hold after every event; given the state and all events so far.</summary>
    public Action<TState, IReadOnlyList<IEvent>>? Invariant { get; init; }

    public void Check() => Seeds.ForEach(seed => new Run(this, seed).Go());

    private sealed class Run(EntityModel<TState> model, int seed)
    {
        /// <summary>Number 1000, a varint.</summary>
        private static readonly byte[] UnknownField = [0xC0, 0x3E, 1];

        private readonly Random _random = new(seed);
        private readonly List<IEvent> _journal = [];
        private readonly List<ICommand> _underway = [];
        private readonly List<ICommand> _delivered = [];
        private EntityCore<TState> _core = new(model.EntityId);
        private (EntitySnapshot Snapshot, int SequenceNr)? _photo;
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public void Go()
        {
            for (var step = 1; step <= model.Steps; step++)
            {
                _now += TimeSpan.FromMilliseconds(_random.Next(5_000));
                switch (_random.Next(10))
                {
                    case 0 when _delivered.Count > 0:
                        Deliver(_delivered[_random.Next(_delivered.Count)]);
                        break;
                    case 1:
                        _underway.Add(Copy(model.Next(_random, _core.State, step)));
                        break;
                    case 2 when _underway.Count > 0:
                        var late = _underway[_random.Next(_underway.Count)];
                        _underway.Remove(late);
                        Deliver(late);
                        break;
                    case 3 when model.Effect?.Invoke(_random, _core.State) is { } effect:
                        Write(effect.Stamp(new CommandHeader { CommandId = $"effect-{step}" }, _now));
                        break;
                    case 4 when _core.State.Outbox.ToArray() is { Length: > 0 } owed:
                        Settle(owed[_random.Next(owed.Length)]);
                        break;
                    default:
                        Deliver(Copy(model.Next(_random, _core.State, step)));
                        break;
                }
            }
        }

        private void Deliver(ICommand command)
        {
            var decision = Decide(command);
            if (_random.Next(10) == 0)
            {
                // Crash before the write: nothing happened, the sender repeats.
                _core = Recover(_journal.Count);
                _underway.Add(command);
                return;
            }

            Write(decision);
            if (_random.Next(10) == 0)
            {
                // Crash after the write: the answer is lost, the sender repeats.
                _core = Recover(_journal.Count);
            }

            if (decision.IsRejected)
            {
                return;
            }

            _delivered.Add(command);
            var again = Decide(command);
            Require(
                again.Events.IsEmpty,
                $"{command.Descriptor.Name} repeated at once leaves {again.Events.Length} events"
            );
            if (command is not IIdempotentCommand && WasJournaled(command.Header.CommandId))
            {
                RequireOneIdOneCommand(command, again);
            }
        }

        /// <summary>The other one has taken it, or refuses it for good; the answer may come twice.</summary>
        private void Settle(OutgoingCommand owed)
        {
            var refused = _random.Next(4) > 0 ? null : Rejections.Invalid("a_field", "a value", "must not be");
            var settled = new Settlement(owed.Key, "", refused);
            if (_core.State.Settle(settled) is not { } decision)
            {
                return;
            }

            Require(!decision.Events.IsEmpty, $"{owed.Key} is settled by nothing");
            Write(decision.Stamp(new CommandHeader { CommandId = $"settled:{owed.Key}" }, _now));
            Require(_core.State.Outbox.All(o => o.Key != owed.Key), $"{owed.Key} is owed after it was settled");
            Require(_core.State.Settle(settled) is null, $"{owed.Key} is settled a second time");
        }

        /// <summary>Keys and commands: nothing else is seen by the others.</summary>
        private static Dictionary<string, ICommand> Owed(EntityCore<TState> core)
        {
            var owed = core.State.Outbox.ToDictionary(o => o.Key, o => o.Command(), StringComparer.Ordinal);
            Require(owed.Values.All(c => c.Header is { CommandId.Length: > 0 }), "a command is owed without an id");
            return owed;
        }

        /// <summary>A repetition hears what the first one was told; another body under its id is refused.</summary>
        private void RequireOneIdOneCommand(ICommand command, Decision again)
        {
            var answered = 1 + _journal.FindLastIndex(e => e.Header.CausationId == command.Header.CommandId);
            Require(
                again.Reply is CommandReply { Outcome: CommandOutcome.Duplicate } reply && reply.SequenceNr == answered,
                $"{command.Descriptor.Name} repeated is answered {again.Reply}"
            );
            Require(
                Decide(Altered(command)).Rejection is { Code: RejectionCode.Conflict, Field: "header.command_id" },
                $"{command.Descriptor.Name} with another body is not refused"
            );
        }

        private Decision Decide(ICommand command)
        {
            var known = command is not IIdempotentCommand && WasJournaled(command.Header?.CommandId);
            var state = _core.ToSnapshot();
            var bytes = command.ToByteString();
            var first = _core.Decide(command, _now);
            var second = _core.Decide(command, _now);

            Require(first.Events.SequenceEqual(second.Events), $"{command.Descriptor.Name} is decided in two ways");
            Require(Equals(first.Rejection, second.Rejection), $"{command.Descriptor.Name} is refused in two ways");
            Require(_core.ToSnapshot().Equals(state), $"deciding {command.Descriptor.Name} changes the state");
            Require(command.ToByteString().Equals(bytes), $"deciding changes {command.Descriptor.Name} itself");
            if (first.Rejection is { } rejection)
            {
                Require(first.Events.IsEmpty, "a refusal leaves events");
                Require(
                    rejection.Field.Length > 0 && rejection.Rule.Length > 0,
                    $"{rejection} names no field or no rule"
                );
            }

            Require(!known || first.Events.IsEmpty, $"{command.Descriptor.Name} has a second effect");
            return first;
        }

        private void Write(Decision decision)
        {
            foreach (var e in decision.Events)
            {
                var stored = Copy(e);
                _journal.Add(stored);
                _core.Apply(Copy(e));
                model.Invariant?.Invoke(_core.State, _journal);

                var live = _core.ToSnapshot();
                Require(
                    Recover(_journal.Count, useSnapshot: false).ToSnapshot().Equals(live),
                    $"replay differs after {e}"
                );
                Require(Recover(_journal.Count).ToSnapshot().Equals(live), $"snapshot and replay differ after {e}");
                RequireSameOutbox(Recover(_journal.Count));
                Require(stored.Equals(Copy(e)), "applying changes the event");
                if (_random.Next(8) == 0)
                {
                    _photo = (Copy(live), _journal.Count);
                    Require(
                        Recover(_journal.Count).ToSnapshot().Equals(live),
                        "a snapshot does not hold the whole state"
                    );
                }
            }
        }

        private void RequireSameOutbox(EntityCore<TState> recovered)
        {
            var (owed, again, after) = (Owed(_core), Owed(_core), Owed(recovered));
            Require(owed.All(o => o.Value.Equals(again[o.Key])), "a command is owed in two ways");
            Require(
                owed.Count == after.Count && owed.All(o => o.Value.Equals(after.GetValueOrDefault(o.Key))),
                "a restart owes something else"
            );
        }

        private EntityCore<TState> Recover(int sequenceNr, bool useSnapshot = true)
        {
            var core = new EntityCore<TState>(model.EntityId);
            var from = 0;
            if (useSnapshot && _photo is { } photo)
            {
                Require(core.TryRestore(photo.Snapshot, photo.SequenceNr), "a snapshot just taken is not read");
                from = photo.SequenceNr;
            }

            for (var i = from; i < sequenceNr; i++)
            {
                core.Apply(_journal[i]);
            }

            return core;
        }

        private bool WasJournaled(string? commandId) =>
            commandId is not null && _journal.Exists(e => e.Header.CausationId == commandId);

        /// <summary>With a field more, of which this release knows nothing.</summary>
        private static ICommand Altered(ICommand command) =>
            (ICommand)WireTypes.Parse(command.Descriptor.FullName, [.. command.ToByteArray(), .. UnknownField]);

        private static T Copy<T>(T message)
            where T : IWireMessage => (T)WireTypes.Parse(message.Descriptor.FullName, message.ToByteArray());

        private static void Require(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new InvalidOperationException(otherwise);
            }
        }
    }
}
