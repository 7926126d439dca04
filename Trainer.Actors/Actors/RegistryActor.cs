using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Domain.Registry;

namespace RalmActors.Trainer.Actors;

/// <summary>The shell of a model family: says on the registry topic what serves, whenever that changes and when it is back.</summary>
public sealed class RegistryActor : EntityActor<RegistryState>
{
    private readonly IActorRef _topics;

    /// <param name="topics">The publish/subscribe mediator.</param>
    public RegistryActor(string family, EntityOptions options, TimeProvider clock, IActorRef topics)
        : base(ShardNames.Registry, family, options, clock) => _topics = topics;

    protected override void OnReady()
    {
        if (!State.Versions.IsEmpty)
        {
            Publish();
        }
    }

    protected override void OnChanged(RegistryState before, ImmutableArray<IEvent> events) => Publish();

    private void Publish() => _topics.Tell(new Publish(Topics.Registry, State.ToReply()), Self);
}
