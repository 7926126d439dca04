using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

public static class TrainerHosting
{
    /// <summary>
    /// Everything of the trainer role, one call. Nodes with the role host the entities, others get the way to them.
    /// </summary>
    public static AkkaConfigurationBuilder AddTrainer(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider? clock = null
    )
    {
        var time = clock ?? TimeProvider.System;
        return akka.AddLineages(options, time).AddRegistry(options, time);
    }

    /// <summary>Needs a trainer under <see cref="GpuTrainerKey"/> on nodes with the trainer role.</summary>
    public static AkkaConfigurationBuilder AddLineages(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        akka.WithEntityRegion<LineageRegion, ILineageMessage>(
            ShardNames.Lineage,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount) { IdleAfter = options.Lineage.IdleAfter },
            (system, registry, _) =>
                id =>
                    Props.Create(() =>
                        new LineageActor(id, options.Lineage, clock, registry.Get<GpuTrainerKey>(), TopicsOf(system))
                    )
        );

    public static AkkaConfigurationBuilder AddRegistry(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        akka.WithEntityRegion<RegistryRegion, IRegistryMessage>(
            ShardNames.Registry,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount),
            (system, _, _) => id => Props.Create(() => new RegistryActor(id, options.Registry, clock, TopicsOf(system)))
        );

    private static IActorRef TopicsOf(ActorSystem system) => DistributedPubSub.Get(system).Mediator;
}
