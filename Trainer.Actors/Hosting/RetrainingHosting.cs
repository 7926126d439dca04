using Akka.Actor;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

public static class RetrainingHosting
{
    /// <summary>Needs the regions of lineages, runs, the registry and tests once a retraining gets there.</summary>
    public static AkkaConfigurationBuilder AddRetrainings(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        // Remembered: it goes on after its node is gone, without being asked.
        akka.WithEntityRegion<RetrainingRegion, IRetrainingMessage>(
            RegionNames.Retraining,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
            (system, registry, _) =>
            {
                var store = new ArtifactStore(options.ArtifactFolder);
                var folder = Path.Combine(options.ArtifactFolder, "retrainings");
                return id =>
                    Props.Create(() =>
                        new RetrainingActor(
                            id,
                            options.Retraining,
                            clock,
                            folder,
                            store,
                            OutboxSender.WayTo(registry),
                            persistenceId => JournaledEvents.Of(system, persistenceId)
                        )
                    );
            }
        );
}
