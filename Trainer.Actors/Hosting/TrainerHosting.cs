using Akka.Actor;
using Akka.Cluster.Routing;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Akka.Routing;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
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
        options = options.Checked();
        var time = clock ?? TimeProvider.System;
        return akka.AddDevice(options)
            .AddTrainingRuns(options, time)
            .AddLineages(options, time)
            .AddSeedLoads(options, time)
            .AddRetrainings(options, time)
            .AddRegistry(options, time)
            .AddEvaluations(options, time)
            .AddStudies(options, time)
            .AddSweeper(options, time);
    }

    /// <summary>Needs the regions of experiments too, to know which versions they show.</summary>
    private static AkkaConfigurationBuilder AddSweeper(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        akka.AddLocal<SweeperKey>(
            "sweeper",
            Roles.Trainer,
            (system, registry) =>
                Props.Create(() =>
                    new SweeperActor(
                        options.ArtifactFolder,
                        clock,
                        registry,
                        () => JournaledIds.Of(system),
                        options.Sweep,
                        () => Leads(system)
                    )
                )
        );

    /// <summary>The trainer of this node's device, and workers for runs of other nodes; on nodes with the trainer role.</summary>
    private static AkkaConfigurationBuilder AddDevice(this AkkaConfigurationBuilder akka, TrainerOptions options) =>
        akka.AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Append)
            .WithActors(
                (system, registry) =>
                {
                    if (LocalActors.HasRole(system, Roles.Trainer))
                    {
                        var datasets = new DatasetCache(PreparedDataset.Open);
                        var props = DeviceActor.Props(
                            new ArtifactStore(options.ArtifactFolder),
                            options.Device,
                            datasets,
                            options.RunsAtOnce,
                            TrainerNodes.Of(system)
                        );
                        registry.Register<GpuTrainerKey>(system.ActorOf(props, "trainer"));
                        system.ActorOf(TrainingWorkersActor.Props(datasets, options.Device), TrainingWorkersActor.Name);
                    }
                }
            );

    private static AkkaConfigurationBuilder AddTrainingRuns(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        // Remembered: a run goes on after its node is gone, without being asked.
        akka.WithEntityRegion<TrainingRunRegion, ITrainingRunMessage>(
            RegionNames.TrainingRun,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
            (_, registry, _) =>
                id =>
                    Props.Create(() =>
                        new TrainingRunActor(
                            id,
                            options.TrainingRun,
                            clock,
                            registry.Get<GpuTrainerKey>(),
                            OutboxSender.WayTo(registry)
                        )
                    )
        );

    /// <summary>Needs a trainer under <see cref="GpuTrainerKey"/> on nodes with the trainer role.</summary>
    public static AkkaConfigurationBuilder AddLineages(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        akka.WithEntityRegion<LineageRegion, ILineageMessage>(
            RegionNames.Lineage,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount) { IdleAfter = options.Lineage.IdleAfter },
            (system, registry, _) =>
                id =>
                    Props.Create(() =>
                        new LineageActor(
                            id,
                            options.Lineage,
                            clock,
                            registry.Get<GpuTrainerKey>(),
                            TopicsOf(system),
                            registry,
                            persistenceId => JournaledEvents.Of(system, persistenceId)
                        )
                    )
        );

    public static AkkaConfigurationBuilder AddRegistry(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        akka.AddHocon(ArtifactCheckerActor.DispatcherHocon, HoconAddMode.Append)
            .WithEntityRegion<RegistryRegion, IRegistryMessage>(
                RegionNames.Registry,
                new EntityRegionOptions(Roles.Trainer, options.ShardCount),
                (system, registry, _) =>
                {
                    var check = options.ArtifactCheck ?? ArtifactChecks.Start(system, options.ArtifactFolder);
                    return id =>
                        Props.Create(() =>
                            new RegistryActor(id, options.Registry, clock, TopicsOf(system), check, registry)
                        );
                }
            );

    private static bool Leads(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        return cluster.SelfAddress.Equals(cluster.State.RoleLeader(Roles.Trainer));
    }

    private static IActorRef TopicsOf(ActorSystem system) => DistributedPubSub.Get(system).Mediator;
}
