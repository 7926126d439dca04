using Akka.Actor;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

public static class SeedLoadHosting
{
    /// <summary>Needs the region of users, or the way to it, once a load begins.</summary>
    public static AkkaConfigurationBuilder AddSeedLoads(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        // Remembered: a load goes on after its node is gone, without being asked.
        akka.WithEntityRegion<SeedLoadRegion, ISeedLoadMessage>(
            RegionNames.SeedLoad,
            new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
            (_, registry, _) =>
            {
                var store = new ArtifactStore(options.ArtifactFolder);
                return id =>
                    Props.Create(() =>
                        new SeedLoadActor(id, options.SeedLoad, clock, store, registry.Get<UserRegion>())
                    );
            }
        );
}
