using Akka.Actor;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors;

namespace RalmActors.Trainer.Hosting;

public static class EvaluationHosting
{
    /// <summary>
    /// The evaluations asked for, and the evaluator where the artefacts are. Needs the regions of training runs and of the
    /// registry.
    /// </summary>
    public static AkkaConfigurationBuilder AddEvaluations(
        this AkkaConfigurationBuilder akka,
        TrainerOptions options,
        TimeProvider clock
    ) =>
        // Remembered: what was asked for is judged after its node is gone, without being asked again.
        akka.WithEntityRegion<EvaluationRegion, IEvaluationMessage>(
                RegionNames.Evaluation,
                new EntityRegionOptions(Roles.Trainer, options.ShardCount, RememberEntities: true),
                (_, registry, _) =>
                    id =>
                        Props.Create(() =>
                            new EvaluationQueueActor(
                                id,
                                options.Evaluation,
                                clock,
                                registry.Get<GpuTrainerKey>(),
                                OutboxSender.WayTo(registry)
                            )
                        )
            )
            .AddLocal<EvaluatorKey>("evaluator", Roles.Trainer, (_, registry) => Evaluator(options, registry));

    private static Props Evaluator(TrainerOptions options, IActorRegistry registry)
    {
        var store = new ArtifactStore(options.ArtifactFolder);
        var regions = new EvaluatedBy(
            registry.Get<RegistryRegion>(),
            registry.Get<TrainingRunRegion>(),
            registry.Get<EvaluationRegion>()
        );
        return Props.Create(() => new EvaluationReaderActor(store, regions, null));
    }
}
