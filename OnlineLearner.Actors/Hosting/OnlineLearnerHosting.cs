using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Actors;

namespace RalmActors.OnlineLearner.Hosting;

public static class OnlineLearnerHosting
{
    /// <summary>
    /// Users, and the list of those that must be awake. Nodes with the learner role host them, others get the way to
    /// them. The lineage region must be added too; it may live on other nodes.
    /// </summary>
    public static AkkaConfigurationBuilder AddOnlineLearner(
        this AkkaConfigurationBuilder akka,
        OnlineLearnerOptions options,
        TimeProvider? clock = null
    )
    {
        var time = clock ?? TimeProvider.System;
        options = options.Checked();
        var opened = new OpenedLineages();
        return akka.WithActors((system, registry) => AddLineageFinder(system, registry, opened, options))
            .WithEntityRegion<UserRegion, IUserMessage>(
                RegionNames.User,
                new EntityRegionOptions(Roles.Learner, options.ShardCount) { IdleAfter = options.IdleAfter },
                (system, registry, _) =>
                    id =>
                        Props.Create(() =>
                            new UserActor(id, options, time, registry, DistributedPubSub.Get(system).Mediator, opened)
                        )
            )
            .WithEntityRegion<PendingUsersRegion, IPendingUsersMessage>(
                RegionNames.PendingUsers,
                new EntityRegionOptions(Roles.Learner, options.ShardCount) { IdleAfter = null },
                (_, registry, _) => id => Props.Create(() => new PendingUsersActor(id, options, time, registry))
            )
            .WithActors(
                (system, registry) =>
                {
                    if (Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(Roles.Learner))
                    {
                        system.ActorOf(
                            Props.Create(() =>
                                new PendingUsersStarter(registry.Get<PendingUsersRegion>(), options.WakeEvery)
                            ),
                            "pending-users-starter"
                        );
                    }
                }
            );
    }

    private static void AddLineageFinder(
        ActorSystem system,
        IActorRegistry registry,
        OpenedLineages opened,
        OnlineLearnerOptions options
    )
    {
        if (Akka.Cluster.Cluster.Get(system).SelfRoles.Contains(Roles.Learner))
        {
            registry.Register<LineageFinderKey>(
                system.ActorOf(
                    Props.Create(() =>
                        new LineageFinderActor(
                            opened,
                            options.LineageSilence,
                            registry,
                            DistributedPubSub.Get(system).Mediator,
                            () => JournaledIds.Of(system)
                        )
                    ),
                    "lineage-finder"
                )
            );
        }
    }
}
