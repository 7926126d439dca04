using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>
/// What a promotion tells the test that it is part of. Every command has an id made from the test's, so that a promotion begun
/// again after a crash repeats itself and changes nothing twice.
/// </summary>
internal static class PromotionCommands
{
    public static CommandHeader Header(ExperimentState experiment, string step) =>
        new()
        {
            CommandId = $"{experiment.ExperimentId}:{(experiment.Promotion!.RollBack ? "rollback" : "promote")}:{step}",
            CorrelationId = experiment.ExperimentId,
        };

    /// <summary>What the present step has shown.</summary>
    public static TakePromotionStep Step(ExperimentState experiment, TakePromotionStep shown)
    {
        var step = PromotionSteps.At(experiment);
        shown.Header = Header(experiment, step.ToString().ToLowerInvariant());
        (shown.ExperimentId, shown.Step) = (experiment.ExperimentId, step);
        return shown;
    }

    /// <summary>What a rollout tells its parent of its own accord.</summary>
    public static TakePromotionStep OfRollout(string parent, RolloutEvidence evidence) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"{parent}:promote:rollout", CorrelationId = parent },
            ExperimentId = parent,
            Step = PromotionStep.Rollout,
            Rollout = evidence,
        };

    /// <summary>The registry has what the last step asked for.</summary>
    public static CompletePromotion Completion(ExperimentState experiment, string versionId) =>
        new()
        {
            Header = Header(experiment, "complete"),
            ExperimentId = experiment.ExperimentId,
            VersionId = versionId,
            Step = PromotionSteps.At(experiment),
        };
}
