using System.Collections.Immutable;
using Akka.Actor;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>
/// Routes to entities as a shard region does, and loses them where it is told to: what comes while one is away waits, and
/// one that was lost comes back by itself.
/// </summary>
internal sealed class CrashingRegion : UntypedActor
{
    private readonly Func<string, Props> _entity;
    private readonly CrashPlan _plan;
    private readonly Dictionary<string, IActorRef> _alive = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, (string Id, ImmutableList<Waiting> Queue)> _dying = [];

    public CrashingRegion(Func<string, Props> entity, CrashPlan plan) => (_entity, _plan) = (entity, plan);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IEntityMessage routed:
                var from = Sender;
                _plan.Around(routed, () => Deliver(routed.EntityId, routed, from));
                break;
            case Late late:
                late.Deliver();
                break;
            case Lose lose when _alive.Remove(lose.EntityId, out var entity):
                _dying[entity] = (lose.EntityId, []);
                Context.Watch(entity);
                Context.Stop(entity);
                break;
            case Terminated gone when _dying.Remove(gone.ActorRef, out var lost):
                _alive[lost.Id] = Context.ActorOf(_entity(lost.Id));
                lost.Queue.ForEach(w => _alive[lost.Id].Tell(w.Message, w.From));
                break;
            default:
                break;
        }
    }

    private void Deliver(string id, object message, IActorRef from)
    {
        if (_dying.FirstOrDefault(d => d.Value.Id == id) is { Key: { } dying })
        {
            var (_, queue) = _dying[dying];
            _dying[dying] = (id, queue.Add(new Waiting(message, from)));
            return;
        }

        if (!_alive.TryGetValue(id, out var entity))
        {
            _alive[id] = entity = Context.ActorOf(_entity(id));
        }

        entity.Tell(message, from);
    }

    public sealed record Lose(string EntityId) : INoSerializationVerificationNeeded;

    /// <summary>What the plan has held back arrives now.</summary>
    public sealed record Late(Action Deliver) : INoSerializationVerificationNeeded;

    private sealed record Waiting(object Message, IActorRef From);
}
