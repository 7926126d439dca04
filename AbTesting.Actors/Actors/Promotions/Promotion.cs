using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>
/// From verdict to champion, outside the actor: does what the present step needs and comes back with what the test is to
/// be told. It is begun again until that step is over; every command has an id made from the test's, so that a promotion
/// begun again after a crash repeats itself and changes nothing twice.
/// </summary>
internal static class Promotion
{
    public static Task<ICommand> Run(ExperimentState experiment, IReadOnlyActorRegistry regions)
    {
        var registrar = new RegistryClient(experiment, regions);
        return PromotionSteps.At(experiment) == PromotionStep.Unspecified
            ? AtOnce(registrar, experiment)
            : new StepwisePromotion(experiment, registrar, regions).Run();
    }

    /// <summary>What a step has shown, as a command to the test itself.</summary>
    public static TakePromotionStep Step(ExperimentState experiment, TakePromotionStep shown)
    {
        var step = PromotionSteps.At(experiment);
        shown.Header = Header(experiment, step.ToString().ToLowerInvariant());
        (shown.ExperimentId, shown.Step) = (experiment.ExperimentId, step);
        return shown;
    }

    public static TakePromotionStep OfRollout(string parent, RolloutEvidence evidence) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"{parent}:promote:rollout", CorrelationId = parent },
            ExperimentId = parent,
            Step = PromotionStep.Rollout,
            Rollout = evidence,
        };

    public static CommandHeader Header(ExperimentState experiment, string step) =>
        new()
        {
            CommandId = $"{experiment.ExperimentId}:{(experiment.Promotion!.RollBack ? "rollback" : "promote")}:{step}",
            CorrelationId = experiment.ExperimentId,
        };

    public static CompletePromotion Completion(ExperimentState experiment, string versionId) =>
        new()
        {
            Header = Header(experiment, "complete"),
            ExperimentId = experiment.ExperimentId,
            VersionId = versionId,
            Step = PromotionSteps.At(experiment),
        };

    private static async Task<ICommand> AtOnce(RegistryClient registrar, ExperimentState experiment)
    {
        await registrar.Register();
        await registrar.Set(
            "champion",
            experiment.Promotion!.VersionId,
            Stage.Champion,
            experiment.Verdict!.Recommendation
        );
        return Completion(experiment, experiment.Promotion.VersionId);
    }

    /// <param name="Then">What the test is to be told.</param>
    internal sealed record Done(ICommand Then);

    internal sealed record Failed(Exception Cause);
}
