using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Scorer.Actors;

namespace RalmActors.Scorer.Hosting;

public static class ScorerHosting
{
    /// <summary>Scores, on nodes with the scorer role; elsewhere a router to those nodes, under the same key.</summary>
    public static AkkaConfigurationBuilder AddScorer(
        this AkkaConfigurationBuilder akka,
        ScorerOptions options,
        TimeProvider? clock = null
    )
    {
        options = options.Checked();
        return akka.AddLocal<ScorerKey>(
                "scorer",
                Roles.Scorer,
                (system, registry) =>
                {
                    var store = new ArtifactStore(options.ArtifactFolder);
                    var time = clock ?? TimeProvider.System;
                    return Props.Create(() =>
                        new ScorerActor(
                            store,
                            options,
                            options.Device,
                            time,
                            registry,
                            DistributedPubSub.Get(system).Mediator
                        )
                    );
                }
            )
            .WithActors(
                (system, registry) =>
                {
                    if (LocalActors.HasRole(system, Roles.Scorer))
                    {
                        var (scorer, patience) = (registry.Get<ScorerKey>(), options.FindWithin);
                        system.ActorOf(
                            Props.Create(() =>
                                new FamilyFinderActor(scorer, registry, () => JournaledIds.Of(system), patience)
                            ),
                            "family-finder"
                        );
                    }
                }
            );
    }
}
