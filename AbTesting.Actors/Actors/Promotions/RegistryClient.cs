using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>What a promotion asks of the registry, and of the lineage that has won.</summary>
internal sealed class RegistryClient(ExperimentState experiment, IReadOnlyActorRegistry regions)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly IActorRef _registry = regions.Get<RegistryRegion>();

    private string FamilyName => experiment.Definition!.Family;

    /// <summary>Empty when nothing was ever registered.</summary>
    public async Task<RegistryReply> Family() =>
        (await _registry.AskFor<RegistryReply>(new GetRegistry { Family = FamilyName }, Deadline)).ReplyOrNone
        ?? new RegistryReply { Family = FamilyName };

    /// <summary>A lineage's arm becomes a version first.</summary>
    public async Task Register()
    {
        var promotion = experiment.Promotion!;
        if (promotion.LineageId.Length == 0)
        {
            return;
        }

        var checkpoint = new CheckpointLineage
        {
            Header = Promotion.Header(experiment, "checkpoint"),
            LineageId = promotion.LineageId,
        };
        var lineage = (await regions.Get<LineageRegion>().AskFor<LineageReply>(checkpoint, Deadline)).ReplyOrThrow;
        var family = await Family();
        if (family.Versions.Any(v => v.VersionId == promotion.VersionId))
        {
            // It has been registered before a crash; the lineage has learned on since.
            return;
        }

        var parent = family.Versions.FirstOrDefault(v => v.VersionId == lineage.VersionId);
        await Tell(
            _registry,
            new RegisterVersion
            {
                Header = Promotion.Header(experiment, "register"),
                Family = FamilyName,
                VersionId = promotion.VersionId,
                Artifact = lineage.Checkpoint,
                ProducedBy = lineage.LineageId,
                ParentVersionId = lineage.VersionId,
                SchemaId = parent?.SchemaId ?? "",
                DatasetHash = parent?.DatasetHash ?? "",
            }
        );
    }

    /// <param name="step">Names the command: the same step is the same command.</param>
    /// <param name="from">Where it was seen: a command that arrives after others have moved it on changes nothing.</param>
    public Task Set(string step, string versionId, Stage stage, string reason, Stage from = Stage.Unspecified) =>
        Tell(
            _registry,
            new SetStage
            {
                Header = Promotion.Header(experiment, step),
                Family = FamilyName,
                VersionId = versionId,
                Stage = stage,
                Reason = reason,
                ExperimentId = experiment.ExperimentId,
                From = from,
            }
        );

    /// <exception cref="UnansweredException">It was refused, or nobody knows whether it was taken.</exception>
    public static async Task Tell(IActorRef region, ICommand command) =>
        _ = (await region.AskFor<CommandReply>(command, Deadline)).ReplyOrThrow;
}
