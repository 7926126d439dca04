using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What the statistics say, before anybody puts it into words. Cheap enough for every report.</summary>
/// <param name="Leading">The primary metric of the arm the finding is about.</param>
/// <param name="Harm">Guardrails that are broken, by which arm, with which p.</param>
internal sealed record Standing(
    Question Question,
    Comparisons Comparisons,
    IReadOnlyList<Comparison> All,
    Finding Finding,
    Comparison Leading,
    (Guardrail Guardrail, string Arm, double P)[] Harm
)
{
    /// <summary>
    /// Successes and failures every arm must have, or be expected to have if there were no effect, before a normal
    /// approximation is believed.
    /// </summary>
    private const double FewestCounts = 5;

    /// <summary>Null before there are two arms with units.</summary>
    /// <param name="inFull">With the statistics that only people read.</param>
    public static Standing? Of(TestState test, Question? asked, bool inFull)
    {
        if (test.Definition is not { } d)
        {
            return null;
        }

        var question = asked ?? Question.Of(d);
        var comparisons = new Comparisons(test, question);
        var all = comparisons.All(inFull);
        var primary = all.Where(c => c.Role == MetricRole.Primary).ToArray();
        if (primary.Length == 0)
        {
            return null;
        }

        var harm = comparisons.Harm().Where(h => h.P < question.Alpha).ToArray();
        var (finding, leading) = Find(test, question, comparisons, primary);
        finding =
            IsSplitBroken(test) ? Finding.Blocked
            : harm.Length > 0 ? Finding.Harm
            : finding;
        return new Standing(question, comparisons, all, finding, leading, harm);
    }

    /// <summary>The arm to speak about, and what its primary metric shows.</summary>
    private static (Finding Finding, Comparison Leading) Find(
        TestState test,
        Question question,
        Comparisons comparisons,
        Comparison[] primary
    )
    {
        var d = test.Definition!;
        var sign = d.Metrics.First(m => m.Name == question.Metric).LowerIsBetter ? -1 : 1;
        var shown = primary.Where(c => IsShown(test, question, comparisons, c, sign)).ToArray();
        var best = shown.Where(c => sign * c.Effect > 0).MaxBy(c => sign * c.Effect);
        if (best is not null)
        {
            return (Finding.ArmWins, best);
        }

        var leading = primary.MaxBy(c => sign * c.Effect)!;
        return shown.Length == primary.Length ? (Finding.ControlWins, leading)
            : IsOver(test, question) || primary.All(c => IsWithin(d.ExpectedEffect, c))
                ? (Finding.NoDifference, leading)
            : (Finding.Undecided, leading);
    }

    private static bool IsShown(TestState test, Question question, Comparisons comparisons, Comparison c, int sign)
    {
        // What is valid at any look needs no approximation to hold.
        if (question.Method != Method.AlwaysValid && HasTooFewCounts(test, question, c))
        {
            return false;
        }

        return question.Method switch
        {
            Method.GroupSequential => test.IsAtLook && Math.Abs(c.Effect / c.StandardError) >= comparisons.LookLimit,
            Method.FixedHorizon => IsOver(test, question) && c.AdjustedP < question.Alpha,
            Method.Bayesian => Math.Min(c.ExpectedLoss, c.ExpectedLoss + sign * c.Effect)
                < test.Definition!.PlausibleEffect
                && Math.Max(c.ChanceToWin, 1 - c.ChanceToWin) > 1 - question.Alpha,
            _ => c.AdjustedP < question.Alpha,
        };
    }

    /// <summary>The evidence planned for is in.</summary>
    private static bool IsOver(TestState test, Question question) =>
        question.Method is Method.FixedHorizon or Method.GroupSequential
        && test.Definition!.HorizonUnits > 0
        && test.UnitsOf(question.Metric) >= test.Definition.HorizonUnits;

    /// <summary>All effects that are not refuted are too small to matter.</summary>
    private static bool IsWithin(double expected, Comparison c) =>
        expected > 0 && c.StandardError > 0 && Math.Max(-c.LeastEffect(), c.MostEffect()) < expected;

    private static bool HasTooFewCounts(TestState test, Question question, Comparison c)
    {
        if (test.Definition!.Metrics.First(m => m.Name == question.Metric).Kind != MetricKind.Binary)
        {
            return c.StandardError <= 0;
        }

        var (control, arm) = (
            test.Totals(test.Definition.Arms[0].Name, question.Metric).Proportion,
            test.Totals(c.Arm, question.Metric).Proportion
        );
        return new TwoProportions(control, arm).Table.SmallestExpected <= FewestCounts;
    }

    private static bool IsSplitBroken(TestState test) =>
        test.SampleRatio.Values.Any(s => s.AnytimeP < SampleRatio.Broken);
}

internal static class ComparisonBounds
{
    /// <summary>The lowest effect that is not refuted; where its own unit has no interval, by the lift's.</summary>
    public static double LeastEffect(this Comparison c) => Or(c.EffectLow, c.LiftLow, c);

    public static double MostEffect(this Comparison c) => Or(c.EffectHigh, c.LiftHigh, c);

    private static double Or(double effect, double lift, Comparison c) =>
        double.IsFinite(effect) || !double.IsFinite(lift) ? effect : lift * Math.Abs(c.ControlMean);
}
