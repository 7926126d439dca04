using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// An arm beside the control at any look and any split. Evidence, p and intervals come from one e-value, so that they never
/// contradict each other: p is below the level exactly where the interval excludes "no effect".
/// </summary>
internal sealed class SequentialComparison
{
    private static readonly Interval Unknown = new(double.NegativeInfinity, double.PositiveInfinity);

    private readonly Metric _metric;
    private readonly ArmSums _control;
    private readonly ArmSums _arm;
    private readonly RatioSequence? _ratio;
    private readonly AdditiveSequence _difference;

    public SequentialComparison(Metric metric, ArmTotals control, ArmTotals arm, Tuning tuning)
    {
        _metric = metric;
        (_control, _arm) = (SumsOf(metric, control), SumsOf(metric, arm));
        if (metric.Adjusted)
        {
            _difference = AdditiveSequences.Adjusted(control.Pairs, arm.Pairs, tuning);
        }
        else if (metric.Kind == MetricKind.Ratio)
        {
            _difference = AdditiveSequences.Ratio(control.Pairs, arm.Pairs, tuning);
        }
        else if (control.IsSigned(metric) || arm.IsSigned(metric))
        {
            _difference = AdditiveSequences.Signed(control.Pairs, arm.Pairs, tuning);
        }
        else
        {
            _ratio = new RatioSequence(_control, _arm, IsRate, tuning);
        }

        LogE = _ratio?.LogE() ?? _difference.LogE();
    }

    /// <summary>Logarithm of the evidence for some effect.</summary>
    public double LogE { get; }

    /// <summary>r of <see cref="EValue"/> under "no effect".</summary>
    public double Information => _ratio?.Score(0).R ?? _difference.R;

    private bool IsRate => _metric.Kind is MetricKind.Binary or MetricKind.Unspecified;

    /// <summary>The effect in the metric's own unit and relative to the control, as far as this look refutes others.</summary>
    /// <remarks>
    /// Unbounded where nothing is known. A sum or a count has no interval in its own unit: none for an unbounded mean covers in finite
    /// samples; its lift has one.
    /// </remarks>
    public (Interval Effect, Interval Lift) Intervals(double alpha)
    {
        if (_ratio is null)
        {
            return (_difference.Ends(alpha), Unknown);
        }

        var ratio = _ratio.Ratio(alpha);
        return (
            IsRate ? LevelSequence.Difference(_control, _arm, ratio) : Unknown,
            new Interval(ratio.Low - 1, ratio.High - 1)
        );
    }

    /// <summary>Logarithm of the evidence that the arm is worse than the control by more than the margin.</summary>
    /// <param name="guardrail">With its margin.</param>
    /// <param name="weight">What the design gives the arm, within both.</param>
    /// <param name="tuning">As for the comparison; looking one way takes half of it.</param>
    public static double LogHarm(
        Metric metric,
        ArmTotals control,
        ArmTotals arm,
        Guardrail guardrail,
        double weight,
        Tuning tuning
    )
    {
        if (control.Units == 0 || arm.Units == 0)
        {
            return 0;
        }

        var oneSided = new SequentialComparison(metric, control, arm, tuning.OneSided);
        return oneSided._ratio is null ? oneSided.OfDifference(guardrail)
            : guardrail.RelativeMargin > 0 ? oneSided.OfMeans(guardrail.RelativeMargin)
            : oneSided.IsRate ? oneSided.OfRates(guardrail.Margin, weight)
            : oneSided.OfMeans(oneSided.ShareOf(guardrail.Margin));
    }

    /// <summary>A share of a mean that may be below 0 is no margin: nothing is said.</summary>
    private double OfDifference(Guardrail guardrail) =>
        guardrail.RelativeMargin > 0 ? 0
        : _metric.LowerIsBetter ? _difference.LogAbove(guardrail.Margin)
        : _difference.LogBelow(-guardrail.Margin);

    private double OfRates(double margin, double weight) =>
        _metric.LowerIsBetter
            ? RateMixture.For(weight, margin).LogE(_control, _arm)
            : RateMixture.For(1 - weight, margin).LogE(_arm, _control);

    private double OfMeans(double share) =>
        double.IsInfinity(share) || (!_metric.LowerIsBetter && share >= 1) ? 0
        : _metric.LowerIsBetter ? _ratio!.LogAbove(double.LogP1(share))
        : _ratio!.LogBelow(double.LogP1(-share));

    /// <summary>Definitions of before relative margins: what a margin in the metric's own unit is of the control's mean.</summary>
    private double ShareOf(double margin) =>
        margin == 0 ? 0
        : _control.Mean > 0 ? margin / _control.Mean
        : double.PositiveInfinity;

    private static ArmSums SumsOf(Metric metric, ArmTotals totals) =>
        metric.Kind is MetricKind.Binary or MetricKind.Unspecified
            ? ArmSums.OfRate(totals.Units, totals.Converted)
            : new ArmSums(
                totals.Units,
                (double)totals.Y / ArmTotals.One,
                (double)totals.YSquared / ((double)ArmTotals.One * ArmTotals.One)
            );
}
