using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.Singleton;
using Akka.Hosting;
using RalmActors.AbTesting.Actors;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;

namespace RalmActors.AbTesting;

public static class AbTestingHosting
{
    /// <summary>Experiments and their cells, hosted on nodes with the abtest role; elsewhere their proxies.</summary>
    public static AkkaConfigurationBuilder AddAbTesting(
        this AkkaConfigurationBuilder akka,
        AbTestingOptions options,
        TimeProvider clock
    )
    {
        options = options.Checked();
        return akka.WithEntityRegion<AbTestRegion, IExperimentMessage>(
                RegionNames.AbTest,
                // Remembered: a running test announces itself and wakes its cells without being called.
                new EntityRegionOptions(Roles.AbTest, RememberEntities: true),
                (_, registry, _) => Test(options, registry, clock)
            )
            .WithEntityRegion<AbCellRegion, ICellMessage>(
                RegionNames.AbCell,
                new EntityRegionOptions(Roles.AbTest),
                (_, registry, _) => Cell(options, registry, clock)
            )
            .WithEntityRegion<AbSimulationRegion, ISimulationMessage>(
                RegionNames.AbSimulation,
                // Remembered: what was asked for is played after its node is gone, without being asked again.
                new EntityRegionOptions(Roles.AbTest, RememberEntities: true),
                (_, _, _) => id => Props.Create(() => new SimulationActor(id, options.Simulations, clock))
            )
            .WithEntityRegion<AbTrafficRegion, ITrafficMessage>(
                RegionNames.AbTraffic,
                // Remembered as long as there are claims: whose test was lost in between is found without being called.
                new EntityRegionOptions(Roles.AbTest, RememberEntities: true),
                (_, registry, _) => Traffic(options, registry, clock)
            )
            .WithActors(AddCatalogue)
            .WithActors(
                (system, registry) =>
                    registry.Register<EvidenceKey>(system.ActorOf(Evidence(system, options, registry), "evidence"))
            );
    }

    /// <summary>How the actor is made that sends exposures and outcomes to their cells.</summary>
    public static Props Evidence(ActorSystem system, AbTestingOptions options, IReadOnlyActorRegistry registry)
    {
        var topics = DistributedPubSub.Get(system).Mediator;
        return Props.Create(() => new EvidenceRouterActor(registry, options.AnswerWithin, topics));
    }

    /// <summary>One per cluster, on a node with the role; the others get the way to it.</summary>
    private static void AddCatalogue(ActorSystem system, IActorRegistry registry)
    {
        const string Name = "experiment-catalogue";
        if (Cluster.Get(system).SelfRoles.Contains(Roles.AbTest))
        {
            var settings = ClusterSingletonManagerSettings.Create(system).WithRole(Roles.AbTest);
            system.ActorOf(
                ClusterSingletonManager.Props(Props.Create(() => new CatalogueActor()), PoisonPill.Instance, settings),
                Name
            );
        }

        registry.Register<CatalogueKey>(
            system.ActorOf(
                ClusterSingletonProxy.Props(
                    $"/user/{Name}",
                    ClusterSingletonProxySettings.Create(system).WithRole(Roles.AbTest)
                ),
                $"{Name}-proxy"
            )
        );
    }

    /// <summary>How an experiment's actor is made, for a region of whoever hosts it.</summary>
    /// <param name="check">How it knows that its arms' models are there; null: by asking registry and lineages.</param>
    public static Func<string, Props> Test(
        AbTestingOptions options,
        IReadOnlyActorRegistry registry,
        TimeProvider clock,
        ArmCheck? check = null
    )
    {
        var pace = new WakingPace(options.WakeCellsPerSecond, clock);
        var asked = check ?? AskedModels.Of(registry);
        return id => Props.Create(() => new ExperimentActor(id, options, registry, pace, clock, asked));
    }

    /// <summary>How the actor is made that shares out a family's units.</summary>
    public static Func<string, Props> Traffic(
        AbTestingOptions options,
        IReadOnlyActorRegistry registry,
        TimeProvider clock
    ) => id => Props.Create(() => new TrafficActor(id, options, registry, clock));

    /// <summary>How a cell's actor is made.</summary>
    public static Func<string, Props> Cell(
        AbTestingOptions options,
        IReadOnlyActorRegistry registry,
        TimeProvider clock
    ) => id => Props.Create(() => new CellActor(id, options, registry, clock));
}
