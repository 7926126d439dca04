using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// A promotion by steps: gate, shadow, rollout, champion. Which step it is at follows from those taken, so a restart goes
/// on where it was; what a step has shown is judged here, once, and journaled with the judgement.
/// </summary>
internal static class PromotionSteps
{
    /// <summary>Unspecified: there is none, or it has ended.</summary>
    public static PromotionStep At(ExperimentState experiment) =>
        !experiment.IsPromoting || experiment.Promotion!.RollBack || experiment.Definition!.Promotion is null
            ? PromotionStep.Unspecified
        : experiment.Steps.IsEmpty ? PromotionStep.Gate
        : After(experiment.Steps[^1]);

    /// <summary>The champion the gate was shown: what serves until the end, and again when the promotion fails.</summary>
    public static string ChampionOf(ExperimentState experiment) =>
        experiment.Steps.IsEmpty ? "" : experiment.Steps[0].ChampionVersionId;

    public static Decision Decide(ExperimentState experiment, TakePromotionStep c, DateTimeOffset now)
    {
        var at = At(experiment);
        if (c.Step != at || at is PromotionStep.Unspecified or PromotionStep.Withdraw)
        {
            return Decision.Nothing;
        }

        if (at != PromotionStep.Gate && Replaced(experiment, c) is { } replaced)
        {
            return Decision.Accept(replaced);
        }

        return at switch
        {
            PromotionStep.Gate => Decision.Accept(Gate(experiment, c)),
            PromotionStep.Shadow when c.Shadow is not null => Shadow(experiment, c, now),
            PromotionStep.Rollout when c.Rollout is { Ended: true } => Decision.Accept(Rollout(experiment, c)),
            _ => Decision.Nothing,
        };
    }

    /// <summary>A person ends it, at whichever step.</summary>
    public static Decision Abort(ExperimentState experiment, string reason) =>
        At(experiment) == PromotionStep.Withdraw
            ? Decision.Nothing
            : Decision.Accept(
                Taken(experiment, new TakePromotionStep { Step = At(experiment) }, false, Or(reason, "by hand"))
            );

    /// <summary>
    /// The registry has what the last step asked for. Where a person has ended the promotion meanwhile, that it serves does
    /// not end the withdrawal: that is still to come.
    /// </summary>
    public static Decision Complete(ExperimentState experiment, CompletePromotion c) =>
        At(experiment) switch
        {
            var at when c.Step != PromotionStep.Unspecified && c.Step != at => Decision.Nothing,
            PromotionStep.Serve => Decision.Accept(new ExperimentPromoted { VersionId = c.VersionId }),
            PromotionStep.Withdraw => Decision.Accept(
                new ExperimentRolledBack { VersionId = c.VersionId, Reason = experiment.Steps[^1].Reason }
            ),
            _ => Decision.Nothing,
        };

    /// <summary>Null when there never was one.</summary>
    public static PromotionProcess? Describe(ExperimentState experiment) =>
        experiment.Promotion is not { } promotion || experiment.Definition!.Promotion is null
            ? null
            : new PromotionProcess
            {
                Step = At(experiment),
                Since = experiment.Steps.IsEmpty ? promotion.Header?.At : experiment.Steps[^1].Header?.At,
                VersionId = promotion.VersionId,
                Steps = { experiment.Steps },
                RolloutExperimentId = experiment.Steps.Any(s => s is { Step: PromotionStep.Shadow, Passed: true })
                    ? Rollouts.IdOf(experiment.ExperimentId)
                    : "",
            };

    private static PromotionStep After(PromotionStepTaken last) =>
        !last.Passed ? PromotionStep.Withdraw
        : last.ChampionVersionId == last.VersionId ? PromotionStep.Serve
        : last.Step switch
        {
            PromotionStep.Gate => PromotionStep.Shadow,
            PromotionStep.Shadow => PromotionStep.Rollout,
            _ => PromotionStep.Serve,
        };

    /// <summary>What was measured so far was measured beside another champion: somebody else has changed it.</summary>
    private static PromotionStepTaken? Replaced(ExperimentState experiment, TakePromotionStep c) =>
        c.ChampionVersionId.Length == 0 || c.ChampionVersionId == ChampionOf(experiment) ? null
        : c.ChampionVersionId != experiment.Promotion!.VersionId
            ? Taken(experiment, c, false, $"{c.ChampionVersionId} has become the champion meanwhile")
        : c.Step == PromotionStep.Serve ? null
        : Taken(experiment, c, true, "somebody has made it the champion already");

    private static PromotionStepTaken Gate(ExperimentState experiment, TakePromotionStep c)
    {
        var standing = InterimEvidence.Of(experiment);
        var evidence = c.Gate?.Clone() ?? new GateEvidence();
        evidence.Finding = standing?.Finding ?? Finding.Undecided;
        evidence.SplitP = experiment.SampleRatio.GetValueOrDefault(experiment.Phase)?.AnytimeP ?? 1;
        evidence.BrokenGuardrails.Clear();
        evidence.BrokenGuardrails.AddRange((standing?.Harm ?? []).Select(h => h.Metric).Distinct());
        var refusal =
            evidence.Finding == Finding.Blocked ? "the split is broken (sample-ratio mismatch)"
            : evidence.BrokenGuardrails.Count > 0 ? $"broken guardrails: {string.Join(", ", evidence.BrokenGuardrails)}"
            : !evidence.Registered ? $"the registry does not have {experiment.Promotion!.VersionId}"
            : c.ChampionVersionId.Length == 0 ? "the family has no champion to be measured beside"
            : null;
        var taken = Taken(
            experiment,
            c,
            refusal is null,
            refusal ?? $"{experiment.Promotion!.Arm} has won, and nothing is broken"
        );
        taken.Gate = evidence;
        return taken;
    }

    private static Decision Shadow(ExperimentState experiment, TakePromotionStep c, DateTimeOffset now)
    {
        var (plan, seen) = (experiment.Definition!.Promotion, c.Shadow);
        var waited = now - experiment.Steps[^1].Header.At.ToDateTimeOffset();
        var slowdown = seen.ChampionSeconds > 0 ? seen.ShadowSeconds / seen.ChampionSeconds : 0;
        var refusal =
            seen.Failures > plan.ShadowFailures
                ? $"{seen.Failures} of {seen.Requests} requests failed; {plan.ShadowFailures} may"
            : seen.Requests >= plan.ShadowRequests && slowdown > plan.ShadowSlowdown
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"it takes {slowdown:F2} times the champion's time; {plan.ShadowSlowdown:0.##} times is allowed"
                )
            : c.Settled && seen.Requests < plan.ShadowRequests && PlanRules.HasWaitedTooLong(plan, waited)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{experiment.Promotion!.VersionId} has waited {waited.TotalSeconds:N0} s in shadow for {plan.ShadowRequests:N0} requests of {ChampionOf(experiment)}: {seen.Requests:N0} came"
                )
            : null;
        if (refusal is null && seen.Requests < plan.ShadowRequests)
        {
            return Decision.Nothing;
        }

        var taken = Taken(experiment, c, refusal is null, refusal ?? Words(seen, slowdown));
        taken.Shadow = seen;
        return Decision.Accept(taken);
    }

    private static PromotionStepTaken Rollout(ExperimentState experiment, TakePromotionStep c)
    {
        var ended = c.Rollout;
        var found = ended.Verdict?.Finding ?? Finding.Undecided;
        var lost = found is Finding.Harm or Finding.Blocked or Finding.ControlWins;
        var passed = ended.Through && !lost;
        var reason =
            lost ? ended.Verdict!.Recommendation
            : ended.Through ? $"through its ramp: {ended.Verdict?.Recommendation}"
            : "the rollout ended before its ramp was through";
        var taken = Taken(experiment, c, passed, reason);
        taken.Rollout = ended;
        return taken;
    }

    private static PromotionStepTaken Taken(
        ExperimentState experiment,
        TakePromotionStep c,
        bool passed,
        string reason
    ) =>
        new()
        {
            Step = c.Step,
            Passed = passed,
            Reason = reason,
            VersionId = experiment.Promotion!.VersionId,
            ChampionVersionId = Or(c.ChampionVersionId, ChampionOf(experiment)),
        };

    private static string Words(ShadowCounts seen, double slowdown)
    {
        var apart = seen.Candidates == 0 ? 0 : seen.AbsoluteDifference / seen.Candidates;
        var order = seen.Ranked == 0 ? 0 : seen.RankCorrelation / seen.Ranked;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{seen.Requests:N0} requests, {seen.Failures:N0} failed, {slowdown:F2} times the champion's time, scores {apart:F3} apart, rank correlation {order:F2}"
        );
    }

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
