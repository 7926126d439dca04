using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Cluster;

/// <summary>How the entities of one region live.</summary>
/// <param name="Role">Nodes that host them; elsewhere the region is a proxy.</param>
/// <param name="ShardCount">Default 60: ten times the largest planned node count of a role.</param>
/// <param name="RememberEntities">Only for entities that must run without being called.</param>
/// <param name="IdleAfter">Passivation after silence; default two minutes, <c>null</c> never.</param>
public sealed record EntityRegionOptions(string Role, int ShardCount = 60, bool RememberEntities = false)
{
    public TimeSpan? IdleAfter { get; init; } = TimeSpan.FromMinutes(2);
}

public static class EntityRegions
{
    /// <summary>One call for a sharded, event-sourced entity: region, routing, and the stop message that
    /// queues behind pending writes (a PoisonPill would overtake them).</summary>
    public static AkkaConfigurationBuilder WithEntityRegion<TKey, TMessage>(
        this AkkaConfigurationBuilder akka,
        string typeName,
        EntityRegionOptions options,
        Func<ActorSystem, IActorRegistry, Akka.DependencyInjection.IDependencyResolver, Func<string, Props>> entity
    )
        where TMessage : IEntityMessage =>
        akka.WithShardRegion<TKey>(
            typeName,
            entity,
            new EntityExtractor<TMessage>(options.ShardCount),
            new ShardOptions
            {
                Role = options.Role,
                RememberEntities = options.RememberEntities,
                HandOffStopMessage = StopEntity.Instance,
                PassivateIdleEntityAfter = options.IdleAfter,
                ShouldPassivateIdleEntities = options.IdleAfter is not null && !options.RememberEntities,
            }
        );
}
