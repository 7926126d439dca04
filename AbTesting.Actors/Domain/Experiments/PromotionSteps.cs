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
    public static PromotionStep At(ExperimentState test) =>
        !test.IsPromoting || test.Promotion!.RollBack || test.Definition!.Promotion is null ? PromotionStep.Unspecified
        : test.Steps.IsEmpty ? PromotionStep.Gate
        : After(test.Steps[^1]);

    /// <summary>The champion the gate was shown: what serves until the end, and again when the promotion fails.</summary>
    public static string ChampionOf(ExperimentState test) => test.Steps.IsEmpty ? "" : test.Steps[0].ChampionVersionId;

    public static Decision Decide(ExperimentState test, TakePromotionStep c, DateTimeOffset now)
    {
        var at = At(test);
        if (c.Step != at || at is PromotionStep.Unspecified or PromotionStep.Withdraw)
        {
            return Decision.Nothing;
        }

        if (at != PromotionStep.Gate && Replaced(test, c) is { } replaced)
        {
            return Decision.Accept(replaced);
        }

        return at switch
        {
            PromotionStep.Gate => Decision.Accept(Gate(test, c)),
            PromotionStep.Shadow when c.Shadow is not null => Shadow(test, c, now),
            PromotionStep.Rollout when c.Rollout is { Ended: true } => Decision.Accept(Rollout(test, c)),
            _ => Decision.Nothing,
        };
    }

    /// <summary>A person ends it, at whichever step.</summary>
    public static Decision Abort(ExperimentState test, string reason) =>
        At(test) == PromotionStep.Withdraw
            ? Decision.Nothing
            : Decision.Accept(Taken(test, new TakePromotionStep { Step = At(test) }, false, Or(reason, "by hand")));

    /// <summary>
    /// The registry has what the last step asked for. Where a person has ended the promotion meanwhile, that it serves does
    /// not end the withdrawal: that is still to come.
    /// </summary>
    public static Decision Complete(ExperimentState test, CompletePromotion c) =>
        At(test) switch
        {
            var at when c.Step != PromotionStep.Unspecified && c.Step != at => Decision.Nothing,
            PromotionStep.Serve => Decision.Accept(new ExperimentPromoted { VersionId = c.VersionId }),
            PromotionStep.Withdraw => Decision.Accept(
                new ExperimentRolledBack { VersionId = c.VersionId, Reason = test.Steps[^1].Reason }
            ),
            _ => Decision.Nothing,
        };

    /// <summary>Null when there never was one.</summary>
    public static PromotionProcess? Describe(ExperimentState test) =>
        test.Promotion is not { } promotion || test.Definition!.Promotion is null
            ? null
            : new PromotionProcess
            {
                Step = At(test),
                Since = test.Steps.IsEmpty ? promotion.Header?.At : test.Steps[^1].Header?.At,
                VersionId = promotion.VersionId,
                Steps = { test.Steps },
                RolloutExperimentId = test.Steps.Any(s => s is { Step: PromotionStep.Shadow, Passed: true })
                    ? Rollouts.IdOf(test.ExperimentId)
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
    private static PromotionStepTaken? Replaced(ExperimentState test, TakePromotionStep c) =>
        c.ChampionVersionId.Length == 0 || c.ChampionVersionId == ChampionOf(test) ? null
        : c.ChampionVersionId != test.Promotion!.VersionId
            ? Taken(test, c, false, $"{c.ChampionVersionId} has become the champion meanwhile")
        : c.Step == PromotionStep.Serve ? null
        : Taken(test, c, true, "somebody has made it the champion already");

    private static PromotionStepTaken Gate(ExperimentState test, TakePromotionStep c)
    {
        var standing = InterimEvidence.Of(test);
        var evidence = c.Gate?.Clone() ?? new GateEvidence();
        evidence.Finding = standing?.Finding ?? Finding.Undecided;
        evidence.SplitP = test.SampleRatio.GetValueOrDefault(test.Phase)?.AnytimeP ?? 1;
        evidence.BrokenGuardrails.Clear();
        evidence.BrokenGuardrails.AddRange((standing?.Harm ?? []).Select(h => h.Metric).Distinct());
        var refusal =
            evidence.Finding == Finding.Blocked ? "the split is broken (sample-ratio mismatch)"
            : evidence.BrokenGuardrails.Count > 0 ? $"broken guardrails: {string.Join(", ", evidence.BrokenGuardrails)}"
            : !evidence.Registered ? $"the registry does not have {test.Promotion!.VersionId}"
            : c.ChampionVersionId.Length == 0 ? "the family has no champion to be measured beside"
            : null;
        var taken = Taken(test, c, refusal is null, refusal ?? $"{test.Promotion!.Arm} has won, and nothing is broken");
        taken.Gate = evidence;
        return taken;
    }

    private static Decision Shadow(ExperimentState test, TakePromotionStep c, DateTimeOffset now)
    {
        var (plan, seen) = (test.Definition!.Promotion, c.Shadow);
        var waited = now - test.Steps[^1].Header.At.ToDateTimeOffset();
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
                    $"{test.Promotion!.VersionId} has waited {waited.TotalSeconds:N0} s in shadow for {plan.ShadowRequests:N0} requests of {ChampionOf(test)}: {seen.Requests:N0} came"
                )
            : null;
        if (refusal is null && seen.Requests < plan.ShadowRequests)
        {
            return Decision.Nothing;
        }

        var taken = Taken(test, c, refusal is null, refusal ?? Words(seen, slowdown));
        taken.Shadow = seen;
        return Decision.Accept(taken);
    }

    private static PromotionStepTaken Rollout(ExperimentState test, TakePromotionStep c)
    {
        var ended = c.Rollout;
        var found = ended.Verdict?.Finding ?? Finding.Undecided;
        var lost = found is Finding.Harm or Finding.Blocked or Finding.ControlWins;
        var passed = ended.Through && !lost;
        var reason =
            lost ? ended.Verdict!.Recommendation
            : ended.Through ? $"through its ramp: {ended.Verdict?.Recommendation}"
            : "the rollout ended before its ramp was through";
        var taken = Taken(test, c, passed, reason);
        taken.Rollout = ended;
        return taken;
    }

    private static PromotionStepTaken Taken(ExperimentState test, TakePromotionStep c, bool passed, string reason) =>
        new()
        {
            Step = c.Step,
            Passed = passed,
            Reason = reason,
            VersionId = test.Promotion!.VersionId,
            ChampionVersionId = Or(c.ChampionVersionId, ChampionOf(test)),
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
