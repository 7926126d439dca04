using System.Globalization;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>A verdict in a sentence that whoever reads it can act on.</summary>
internal static class VerdictWords
{
    /// <summary>Of a test in which no two arms can be compared yet.</summary>
    public static string Nothing(ExperimentState experiment, Question question)
    {
        var metric = experiment.Definition!.Metrics.FirstOrDefault(m => m.Name == question.Metric);
        var haveUnits =
            experiment.Definition.Arms.Count(a => experiment.Totals(a.Name, question.Metric).Units > 0) >= 2;
        return haveUnits && metric?.Kind == MetricKind.Ratio
            ? $"Nothing can be said before two arms have a {metric.Denominator}: a ratio needs its denominator."
            : "Nothing can be said before two arms have units.";
    }

    public static string Of(ExperimentDefinition d, InterimEvidence now, string winner) =>
        now.Finding switch
        {
            Finding.Blocked => $"No verdict: the split itself is broken (sample-ratio mismatch): {Numbers(d, now)}.",
            Finding.Harm => Harm(d, now.Harm.MinBy(g => g.AdjustedP)!),
            Finding.ArmWins => $"Promote {winner}: {Numbers(d, now)}.",
            Finding.ControlWins => $"Keep {winner}: {Numbers(d, now)}.",
            _ => $"No difference shown: {Numbers(d, now)}.",
        };

    private static string Harm(ExperimentDefinition d, GuardrailEvidence g)
    {
        var (scale, unit) = Scale(d, g.Metric);
        var margin = g.RelativeMargin > 0 ? $"{Short(100 * g.RelativeMargin)} %" : $"{Short(scale * g.Margin)}{unit}";
        return $"Stop {g.Arm}: it makes {g.Metric} worse than its margin of {margin} allows: by "
            + $"{Short(scale * g.Worse)}{unit} (at least {Short(scale * g.WorseAtLeast)}), p = {P(g.AdjustedP)}, always valid.";
    }

    private static string Numbers(ExperimentDefinition d, InterimEvidence now)
    {
        var e = now.Leading;
        // Where the effect has no interval in its own unit, the lift is told.
        var isLift = !double.IsFinite(e.EffectLow) && !double.IsFinite(e.EffectHigh) && IsKnown(e.LiftLow, e.LiftHigh);
        var (told, low, high) = isLift ? (e.Lift, e.LiftLow, e.LiftHigh) : (e.Effect, e.EffectLow, e.EffectHigh);
        var (scale, unit) = isLift ? (100, " %") : Scale(d, e.Metric);
        var interval = IsKnown(low, high) ? $"{Short(scale * low)} to {Short(scale * high)}" : "not bounded yet";
        var words =
            $"{e.Arm} changes {e.Metric} by {Short(scale * told)}{unit} ({interval}), "
            + $"p = {P(e.AdjustedP)}, {MethodName(now.Question.Method)}";
        return e.HasEffectNow
            ? $"{words}; now the estimate is {Short(scale * (isLift ? e.LiftNow : e.EffectNow))}{unit}"
            : words;
    }

    private static bool IsKnown(double low, double high) => double.IsFinite(low) || double.IsFinite(high);

    private static (double Scale, string Unit) Scale(ExperimentDefinition d, string metric) =>
        d.Metrics.First(m => m.Name == metric).Kind == MetricKind.Binary ? (100, " points") : (1, "");

    /// <summary>Two digits behind the point; a number that would read as nothing keeps two that count.</summary>
    private static string Short(double value) =>
        double.IsNaN(value) ? "unknown"
        : double.IsInfinity(value) ? "any"
        : value == 0 || Math.Abs(value) >= 0.01 ? value.ToString("F2", CultureInfo.InvariantCulture)
        : Math.Abs(value) < 1e-6 ? value.ToString("G2", CultureInfo.InvariantCulture)
        : Significant(value);

    private static string Significant(double value)
    {
        var digits = (int)Math.Ceiling(-Math.Log10(Math.Abs(value))) + 1;
        return value.ToString($"F{digits}", CultureInfo.InvariantCulture);
    }

    private static string P(double p) => p.ToString("G3", CultureInfo.InvariantCulture);

    private static string MethodName(Method method) =>
        method switch
        {
            Method.AlwaysValid => "always valid",
            Method.Msprt => "mSPRT",
            Method.GroupSequential => "group sequential",
            Method.FixedHorizon => "fixed horizon",
            _ => "Bayesian",
        };
}
