using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

public static class StudyHosting
{
    /// <summary>Needs the regions of training runs and of the registry, and the evaluator.</summary>
    public static AkkaConfigurationBuilder AddStudies(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        // Remembered: a study goes on after its node is gone, without being asked.
        akka.AddLocal<StudyListKey>("study-list", Roles.Trainer, (_, _) => Props.Create(() => new StudyListActor()))
            .WithEntityRegion<StudyRegion, IStudyMessage>(
                RegionNames.Study,
                new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
                (_, registry, _) =>
                    id =>
                        Props.Create(() =>
                            new StudyActor(
                                id,
                                options.Study,
                                clock,
                                registry.Get<TrainingRunRegion>(),
                                registry.Get<RegistryRegion>(),
                                registry.Get<EvaluatorKey>()
                            )
                        )
            );
}
