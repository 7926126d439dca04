using Akka.Cluster.Sharding;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Cluster;

/// <summary>Routes by <see cref="IEntityMessage.EntityId"/>; what is not a <typeparamref name="TMessage"/> is not routed.</summary>
/// <param name="shardCount">The same on every node, for the life of the data: ten times the largest node count.</param>
public sealed class EntityExtractor<TMessage>(int shardCount) : HashCodeMessageExtractor(shardCount)
    where TMessage : IEntityMessage
{
    public override string? EntityId(object message) => message is TMessage routed ? routed.EntityId : null;
}
