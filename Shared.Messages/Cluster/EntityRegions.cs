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
    /// queues behind pending writes (a PoisonPill would overtake them). While an entity that cannot be read waits for
    /// its next attempt, a stand-in answers for it.</summary>
    public static AkkaConfigurationBuilder WithEntityRegion<TKey, TMessage>(
        this AkkaConfigurationBuilder akka,
        string typeName,
        EntityRegionOptions options,
        Func<ActorSystem, IActorRegistry, Akka.DependencyInjection.IDependencyResolver, Func<string, Props>> entity
    )
        where TMessage : IEntityMessage
    {
        var extractor = new EntityExtractor<TMessage>(options.ShardCount);
        return akka.WithShardRegion<TKey>(
            typeName,
            (system, registry, resolver) =>
            {
                var (readable, unreadable) = (entity(system, registry, resolver), UnreadableEntities.Of(system));
                unreadable.Shards(typeName, id => extractor.ShardId(id));
                return id => unreadable.Paused(typeName, id) is { } paused ? StandInActor.Props(paused) : readable(id);
            },
            extractor,
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

    /// <summary>One call for every node: which entities cannot be read, tried again while nobody calls them.</summary>
    public static AkkaConfigurationBuilder WithUnreadableEntities(this AkkaConfigurationBuilder akka) =>
        akka.WithActors(
            (system, registry) =>
                registry.Register<UnreadableKey>(
                    system.ActorOf(Props.Create(() => new UnreadableEntitiesActor()), UnreadableEntitiesActor.Name)
                )
        );
}
