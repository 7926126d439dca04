using Akka.Actor;
using RalmActors.Messages.Entities;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A region of one node without sharding: an entity is made when it is first told something.</summary>
public sealed class LocalRegion : UntypedActor
{
    private readonly Func<string, Props> _entity;

    public LocalRegion(Func<string, Props> entity) => _entity = entity;

    protected override void OnReceive(object message)
    {
        var id = ((IEntityMessage)message).EntityId;
        var known = Context.Child(id);
        var child = known.Equals(ActorRefs.Nobody) ? Context.ActorOf(_entity(id), id) : known;
        child.Forward(message);
    }
}
