using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// From verdict to champion, outside the actor: a lineage's arm becomes a version first. Every command has an id made
/// from the test's, so that a promotion begun again after a crash repeats itself and changes nothing twice.
/// </summary>
internal static class Promotion
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public static async Task Run(TestState test, IReadOnlyActorRegistry regions)
    {
        var (definition, promotion) = (test.Definition!, test.Promotion!);
        var registry = regions.Get<RegistryRegion>();
        if (promotion.LineageId.Length > 0)
        {
            var lineage = await regions
                .Get<LineageRegion>()
                .Ask<LineageReply>(
                    new CheckpointLineage { Header = Header(test, "checkpoint"), LineageId = promotion.LineageId },
                    Deadline
                );
            await Tell(registry, await Registration(test, lineage, registry));
        }

        await Tell(
            registry,
            new SetStage
            {
                Header = Header(test, "champion"),
                Family = definition.Family,
                VersionId = promotion.VersionId,
                Stage = Stage.Champion,
                Reason = test.Verdict!.Recommendation,
                TestId = test.TestId,
            }
        );
    }

    public static CompletePromotion Completion(TestState test) =>
        new()
        {
            Header = Header(test, "complete"),
            TestId = test.TestId,
            VersionId = test.Promotion!.VersionId,
        };

    private static async Task<RegisterVersion> Registration(TestState test, LineageReply lineage, IActorRef registry)
    {
        var family = await registry.Ask<RegistryReply>(new GetRegistry { Family = test.Definition!.Family }, Deadline);
        var parent = family.Versions.FirstOrDefault(v => v.VersionId == lineage.VersionId);
        return new RegisterVersion
        {
            Header = Header(test, "register"),
            Family = test.Definition.Family,
            VersionId = test.Promotion!.VersionId,
            Artifact = lineage.Checkpoint,
            ProducedBy = lineage.LineageId,
            ParentVersionId = lineage.VersionId,
            SchemaId = parent?.SchemaId ?? "",
            DatasetHash = parent?.DatasetHash ?? "",
        };
    }

    private static async Task Tell(IActorRef region, ICommand command)
    {
        var reply = await region.Ask<CommandReply>(command, Deadline);
        if (reply.Outcome is not (CommandOutcome.Accepted or CommandOutcome.Duplicate))
        {
            throw new InvalidOperationException(
                $"{command.Descriptor.Name}: {reply.Outcome} {reply.Rejection?.Field} {reply.Rejection?.Rule}"
            );
        }
    }

    private static CommandHeader Header(TestState test, string step) =>
        new()
        {
            CommandId = $"{test.TestId}:{(test.Promotion!.RollBack ? "rollback" : "promote")}:{step}",
            CorrelationId = test.TestId,
        };

    internal sealed record Done
    {
        public static readonly Done Instance = new();
    }

    internal sealed record Failed(Exception Cause);

    internal sealed record Again
    {
        public static readonly Again Instance = new();
    }
}
