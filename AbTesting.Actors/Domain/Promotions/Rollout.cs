using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Promotions;

/// <summary>The follow-up test of a promotion: nearly everybody who takes part gets the winner, by a ramp of its own.</summary>
internal static class Rollout
{
    /// <summary>The same units, metrics and guardrails, and a salt of its own: who was in which arm plays no part.</summary>
    public static ExperimentDefinition DefinitionOf(ExperimentState experiment)
    {
        var (d, plan) = (DefinitionRules.Copy(experiment.Definition!), experiment.Definition!.Promotion);
        d.Salt = Rollouts.IdOf(experiment.ExperimentId);
        d.Arms.Clear();
        d.Arms.Add(
            new Arm
            {
                Name = "control",
                Weight = plan.HoldBack,
                VersionId = PromotionSteps.ChampionOf(experiment),
            }
        );
        d.Arms.Add(
            new Arm
            {
                Name = "candidate",
                Weight = DefinitionRules.AllUnits - plan.HoldBack,
                VersionId = experiment.Promotion!.VersionId,
            }
        );
        d.Alpha = LevelOf(d);
        d.Ramp.Clear();
        d.Ramp.Add(plan.Ramp);
        (d.StepSeconds, d.MinSeconds, d.MaxSeconds) = (plan.StepSeconds, 0, 0);
        (d.OnVerdict, d.OnGuardrail) = (AutomaticAction.Wait, AutomaticAction.RollBack);
        d.Hypothesis =
            $"{experiment.Promotion.VersionId}, the winner of {experiment.ExperimentId}, does no harm to more and more units";
        d.Promotion = null;
        return d;
    }

    /// <summary>
    /// A broken guardrail withdraws a rollout, and a primary metric that is worse does: they share the test's level, so that both
    /// together withdraw what does no harm no more often than it says.
    /// </summary>
    public static double LevelOf(ExperimentDefinition d) => d.Guardrails.Count > 0 ? d.Alpha / 2 : d.Alpha;

    /// <summary>Would it have been withdrawn though it does no harm, had the test been a rollout?</summary>
    /// <param name="effect">The true one: what makes the primary metric worse is rightly withdrawn.</param>
    /// <param name="harmed">Metrics whose guardrails are truly broken.</param>
    public static bool IsFalselyWithdrawn(ExperimentState experiment, double effect, IReadOnlySet<string> harmed)
    {
        var d = experiment.Definition!;
        var (level, sign) = (LevelOf(d), d.Metrics.First(m => m.Name == d.Metric).LowerIsBetter ? -1 : 1);
        var arms = d.Arms.Count - 1;
        return experiment.Evidence.Any(e =>
            e.Key.Role == MetricRole.Guardrail
                ? !harmed.Contains(e.Key.Metric) && e.Value.P < level / (d.Guardrails.Count * arms)
                : effect * sign >= 0 && e.Value.Crossing?.Side == -sign && e.Value.P < level / arms
        );
    }

    /// <summary>What its parent is told.</summary>
    public static RolloutEvidence EvidenceOf(ExperimentReply rollout) =>
        new()
        {
            ExperimentId = rollout.ExperimentId,
            Ended =
                rollout.Status is ExperimentStatus.Decided or ExperimentStatus.RolledBack or ExperimentStatus.Archived,
            Through = rollout.RampCompleted,
            Exposure = rollout.Exposure,
            Verdict = rollout.Verdict,
        };
}
