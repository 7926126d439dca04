using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.OnlineLearner.Domain;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

/// <summary>
/// Users, lineages and an endpoint over a network that loses, repeats and reorders, on nodes that crash before and after any
/// write. A journal and the answers the endpoint has had are all that is certain.
/// </summary>
internal sealed class LossyWorld(Random random)
{
    private static readonly string[] LineageIds = ["champion", "exp-1/a"];
    private readonly Dictionary<string, Thing<UserState>> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LineageThing> _lineages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RecordInteraction> _unanswered = new(StringComparer.Ordinal);
    private readonly List<Action> _network = [];
    private bool _faulty = true;

    /// <summary>Interactions the endpoint was told are accepted.</summary>
    public List<RecordInteraction> Acknowledged { get; } = [];

    public IEnumerable<UserState> Users => _users.Values.Select(u => u.Core.State);

    public IEnumerable<(string LineageId, IReadOnlyList<BatchAccepted> Batches)> Lineages =>
        _lineages.Select(l => (l.Key, (IReadOnlyList<BatchAccepted>)[.. l.Value.Journal.OfType<BatchAccepted>()]));

    public void Step(int nr)
    {
        switch (random.Next(12))
        {
            case 0 or 1:
                Record(nr);
                break;
            case 2 when _unanswered.Count > 0:
                SendInteraction(_unanswered.ElementAt(random.Next(_unanswered.Count)).Value);
                break;
            case 3:
                Offer(Pick(_users.Values), LineageIds[random.Next(2)]);
                Tell(Pick(_users.Values));
                break;
            case 4:
                Cut(Pick(_lineages.Values), random.Next(3), random.Next(2) == 0);
                break;
            case 5:
                SendOpen(LineageIds[random.Next(2)]);
                break;
            case 6 when random.Next(4) == 0:
                Pick(_users.Values)?.Restart();
                break;
            case 7 when random.Next(4) == 0:
                Pick(_lineages.Values)?.Restart();
                break;
            case 8 when _network.Count > 0:
                _network.RemoveAt(random.Next(_network.Count));
                break;
            default:
                Deliver();
                break;
        }
    }

    /// <summary>The network and the nodes are well again, and everybody keeps trying.</summary>
    public void Heal()
    {
        _faulty = false;
        for (var round = 0; round < 200; round++)
        {
            Array.ForEach(LineageIds, SendOpen);
            _unanswered.Values.ToList().ForEach(SendInteraction);
            foreach (var user in _users.Values)
            {
                Array.ForEach(LineageIds, lineageId => Offer(user, lineageId));
            }

            _users.Values.ToList().ForEach(Tell);

            while (_network.Count > 0)
            {
                Deliver();
            }

            foreach (var lineage in _lineages.Values)
            {
                Cut(lineage, batches: 100, partial: true);
            }
        }
    }

    private void Record(int nr)
    {
        var lineages = random.GetItems(LineageIds, random.Next(3));
        var candidate = $"c-{random.Next(4)}";
        var interaction = Given.Interaction($"i-{nr}", $"u-{random.Next(3)}", candidate, random.Next(2), lineages);
        _unanswered[interaction.Header.CommandId] = interaction;
        SendInteraction(interaction);
    }

    private void SendInteraction(RecordInteraction c) =>
        Send(() =>
        {
            var user = User(c.UserId);
            user.Execute(
                user.Core.Decide(c, Given.Now),
                _ =>
                    Send(() =>
                    {
                        if (_unanswered.Remove(c.Header.CommandId))
                        {
                            Acknowledged.Add(c);
                        }
                    })
            );
        });

    private void SendOpen(string lineageId) =>
        Send(() =>
        {
            var lineage = Lineage(lineageId);
            var open = new OpenLineage
            {
                Header = new CommandHeader { CommandId = "open" },
                LineageId = lineageId,
                Family = "match",
                VersionId = "v1",
                Base = new ArtifactRef { Hash = new string('0', 64) },
                BatchSize = 3,
            };
            lineage.Execute(lineage.Core.Decide(open, Given.Now), _ => { });
        });

    private void Offer(Thing<UserState>? user, string lineageId)
    {
        if (user is null || Slices.Next(user.Core.State, lineageId, 0, random.Next(1, 9), 1_000_000) is not { } slice)
        {
            return;
        }

        Send(() =>
        {
            var lineage = Lineage(lineageId);
            if (lineage.Core.State.Screen(slice) is null)
            {
                lineage.BatchAssembler.Add(slice, lineage.Core.State);
                lineage.Waiting.Add(slice);
            }
            else if (lineage.Core.Decide(slice, Given.Now).Reply is DeliveryAcknowledged learned)
            {
                SendLearned(learned);
            }
        });
    }

    private void Tell(Thing<UserState>? user)
    {
        if (
            user is null
            || user.Core.State.Untold.IsEmpty
            || SeedOutbox.Next(
                user.Core.State,
                user.Core.State.Untold.Keys.ElementAt(random.Next(user.Core.State.Untold.Count)),
                keep: 500
            )
                is not { } seed
        )
        {
            return;
        }

        Send(() =>
        {
            var candidate = User(seed.UserId);
            candidate.Execute(
                candidate.Core.Decide(seed, Given.Now),
                decision => SendLearned((DeliveryAcknowledged)decision.Reply!)
            );
        });
    }

    private void Cut(LineageThing? lineage, int batches, bool partial)
    {
        if (lineage is null || !lineage.Core.State.IsOpen)
        {
            return;
        }

        var decision = lineage.BatchAssembler.Cut(lineage.Core.State, batches, partial);
        lineage.Execute(
            decision.Stamp(new CommandHeader { CommandId = "batch" }, Given.Now),
            _ =>
            {
                var state = lineage.Core.State;
                foreach (var slice in lineage.Waiting.Where(s => s.ToSeq <= state.MarkOf(s.UserId)))
                {
                    SendLearned(state.Learned(slice, state.MarkOf(slice.UserId)));
                }

                lineage.Waiting.RemoveAll(s => s.ToSeq <= state.MarkOf(s.UserId));
            }
        );
    }

    private void SendLearned(DeliveryAcknowledged learned) =>
        Send(() =>
        {
            var user = User(learned.UserId);
            user.Execute(user.Core.Decide(learned, Given.Now), _ => { });
        });

    private void Send(Action arrival)
    {
        _network.Add(arrival);
        if (_faulty && random.Next(5) == 0)
        {
            _network.Add(arrival);
        }
    }

    private void Deliver()
    {
        if (_network.Count > 0)
        {
            var i = random.Next(_network.Count);
            var arrival = _network[i];
            _network.RemoveAt(i);
            arrival();
        }
    }

    private Thing<UserState> User(string userId) =>
        _users.TryGetValue(userId, out var user) ? user : _users[userId] = new Thing<UserState>(userId, Crashes);

    private LineageThing Lineage(string lineageId) =>
        _lineages.TryGetValue(lineageId, out var l) ? l : _lineages[lineageId] = new LineageThing(lineageId, Crashes);

    private bool Crashes() => _faulty && random.Next(12) == 0;

    private T? Pick<T>(IReadOnlyCollection<T> things)
        where T : class => things.Count == 0 ? null : things.ElementAt(random.Next(things.Count));

    private class Thing<TState>(string id, Func<bool> crashes)
        where TState : IEntityState<TState>
    {
        public List<IEvent> Journal { get; } = [];

        public EntityCore<TState> Core { get; private set; } = new(id);

        public void Execute(Decision decision, Action<Decision> answer)
        {
            if (crashes())
            {
                Restart();
                return;
            }

            Journal.AddRange(decision.Events);
            foreach (var e in decision.Events)
            {
                Core.Apply(e);
            }

            if (crashes())
            {
                Restart();
                return;
            }

            answer(decision);
        }

        public virtual void Restart()
        {
            Core = new EntityCore<TState>(id);
            Journal.ForEach(Core.Apply);
        }
    }

    private sealed class LineageThing(string id, Func<bool> crashes) : Thing<LineageState>(id, crashes)
    {
        public BatchAssembler BatchAssembler { get; private set; } = new();

        public List<OfferSlice> Waiting { get; } = [];

        public override void Restart()
        {
            base.Restart();
            BatchAssembler = new BatchAssembler();
            Waiting.Clear();
        }
    }
}
