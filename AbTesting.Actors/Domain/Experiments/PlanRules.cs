using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What a plan of promotion must say, and what it leaves to the house.</summary>
internal static class PlanRules
{
    /// <summary>Leaves room for the names of the rollout, of its version and of the commands.</summary>
    public const int LongestExperimentId = 80;

    /// <summary>A week, so that every kind of day is in it.</summary>
    private const long ShadowWait = 604_800;

    private const long LongestShadowWait = 31_536_000;

    private static readonly int[] Ramp = [500, 2500, 5000, DefinitionRules.AllUnits];

    public static PromotionPlan Complete(PromotionPlan given)
    {
        var plan = given.Clone();
        plan.ShadowRequests = plan.ShadowRequests == 0 ? 500 : plan.ShadowRequests;
        plan.ShadowSlowdown = plan.ShadowSlowdown == 0 ? 2 : plan.ShadowSlowdown;
        plan.ShadowSeconds = plan.ShadowSeconds == 0 ? ShadowWait : plan.ShadowSeconds;
        plan.HoldBack = plan.HoldBack == 0 ? 500 : plan.HoldBack;
        plan.StepSeconds = plan.StepSeconds == 0 ? 86_400 : plan.StepSeconds;
        if (plan.Ramp.Count == 0)
        {
            plan.Ramp.Add(Ramp);
        }

        return plan;
    }

    /// <summary>A plan that was journaled before there was a limit has none.</summary>
    public static bool HasWaitedTooLong(PromotionPlan plan, TimeSpan inShadow) =>
        plan.ShadowSeconds > 0 && inShadow >= TimeSpan.FromSeconds(plan.ShadowSeconds);

    public static Rejection? Check(string experimentId, PromotionPlan? plan) =>
        plan is null
            ? null
            : Range(
                "experiment_id",
                experimentId.Length,
                experimentId.Length <= LongestExperimentId,
                $"must be at most {LongestExperimentId} characters for a promotion by steps"
            )
                ?? Range(
                    "definition.promotion.shadow_requests",
                    plan.ShadowRequests,
                    plan.ShadowRequests is > 0 and <= 10_000_000,
                    "must be 1 to 10,000,000"
                )
                ?? Range(
                    "definition.promotion.shadow_failures",
                    plan.ShadowFailures,
                    plan.ShadowFailures >= 0 && plan.ShadowFailures < plan.ShadowRequests,
                    "must be 0 or more, and below shadow_requests"
                )
                ?? Range(
                    "definition.promotion.shadow_slowdown",
                    plan.ShadowSlowdown,
                    plan.ShadowSlowdown > 0,
                    "must be positive"
                )
                ?? Range(
                    "definition.promotion.shadow_seconds",
                    plan.ShadowSeconds,
                    plan.ShadowSeconds is >= 1 and <= LongestShadowWait,
                    "must be 1 to 31,536,000"
                )
                ?? Range(
                    "definition.promotion.hold_back",
                    plan.HoldBack,
                    plan.HoldBack is >= 1 and <= 5000,
                    "must be 1 to 5,000"
                )
                ?? Range(
                    "definition.promotion.step_seconds",
                    plan.StepSeconds,
                    plan.StepSeconds > 0,
                    "must be positive"
                )
                ?? DefinitionRules.CheckRamp("definition.promotion.ramp", plan.Ramp);

    private static Rejection? Range(string field, double value, bool holds, string rule) =>
        holds ? null : Rejections.Invalid(field, value.ToString(CultureInfo.InvariantCulture), rule);
}
