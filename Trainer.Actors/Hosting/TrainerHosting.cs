using Akka.Actor;
using Akka.Cluster.Routing;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Akka.Routing;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Sessions;

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
        return akka.AddDevice(options)
            .AddTrainingRuns(options, time)
            .AddLineages(options, time)
            .AddSeedLoads(options, time)
            .AddRegistry(options, time)
            .AddEvaluations(options, time)
            .AddStudies(options, time)
            .AddSweeper(options, time);
    }

    /// <summary>Scores, on nodes with the scorer role; elsewhere a router to those nodes, under the same key.</summary>
    public static AkkaConfigurationBuilder AddScorer(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider? clock = null
    ) =>
        akka.AddLocal<ScorerKey>(
                "scorer",
                Roles.Scorer,
                (system, registry) =>
                {
                    var store = new ArtifactStore(options.ArtifactFolder);
                    var time = clock ?? TimeProvider.System;
                    return Props.Create(() =>
                        new ScorerActor(store, options.Scorer, options.Device, time, registry, TopicsOf(system))
                    );
                }
            )
            .WithActors(
                (system, registry) =>
                {
                    if (HasRole(system, Roles.Scorer))
                    {
                        var (scorer, patience) = (registry.Get<ScorerKey>(), options.Scorer.FindWithin);
                        system.ActorOf(
                            Props.Create(() =>
                                new FamilyFinderActor(scorer, registry, () => JournaledIds.Of(system), patience)
                            ),
                            "family-finder"
                        );
                    }
                }
            );

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

    /// <summary>An actor of its own on every node with the role; elsewhere a router to those nodes, under the same key.</summary>
    internal static AkkaConfigurationBuilder AddLocal<TKey>(
        this AkkaConfigurationBuilder akka,
        string name,
        string role,
        Func<ActorSystem, IActorRegistry, Props> local
    ) =>
        akka.WithActors(
            (system, registry) =>
            {
                var here = HasRole(system, role);
                var props = here
                    ? local(system, registry)
                    : new ClusterRouterGroup(
                        new RoundRobinGroup($"/user/{name}"),
                        new ClusterRouterGroupSettings(64, [$"/user/{name}"], allowLocalRoutees: false, role)
                    ).Props();
                registry.Register<TKey>(system.ActorOf(props, here ? name : $"{name}-router"));
            }
        );

    /// <summary>The trainer of this node's device, and workers for runs of other nodes; on nodes with the trainer role.</summary>
    private static AkkaConfigurationBuilder AddDevice(this AkkaConfigurationBuilder akka, TrainerOptions options) =>
        akka.AddHocon(GpuTrainerActor.DispatcherHocon, HoconAddMode.Append)
            .WithActors(
                (system, registry) =>
                {
                    if (HasRole(system, Roles.Trainer))
                    {
                        var datasets = new DatasetCache(PreparedDataset.Open);
                        var props = GpuTrainerActor.Props(
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
            ShardNames.TrainingRun,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
            (_, registry, _) =>
                id =>
                    Props.Create(() =>
                        new TrainingRunActor(
                            id,
                            options.TrainingRun,
                            clock,
                            registry.Get<GpuTrainerKey>(),
                            registry.Get<RegistryRegion>()
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
            ShardNames.Lineage,
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
                ShardNames.Registry,
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

    private static bool HasRole(ActorSystem system, string role) =>
        Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(role);

    private static IActorRef TopicsOf(ActorSystem system) => DistributedPubSub.Get(system).Mediator;
}
