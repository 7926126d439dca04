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
        else
        {
            _ratio = new RatioSequence(_control, _arm, IsRate, tuning);
        }

        LogE = _ratio?.LogE() ?? _difference.LogE();
    }

    /// <summary>Logarithm of the evidence for some effect.</summary>
    public double LogE { get; }

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
    /// <param name="margin">In the metric's own unit, 0 or more; of a sum or a count as a share of the control's mean.</param>
    /// <param name="weight">What the design gives the arm, within both.</param>
    /// <param name="tuning">As for the comparison; looking one way takes half of it.</param>
    public static double LogHarm(
        Metric metric,
        ArmTotals control,
        ArmTotals arm,
        double margin,
        double weight,
        Tuning tuning
    )
    {
        if (control.Units == 0 || arm.Units == 0)
        {
            return 0;
        }

        var oneSided = new SequentialComparison(metric, control, arm, tuning.OneSided);
        return oneSided._ratio is null ? oneSided.OfDifference(margin)
            : oneSided.IsRate ? oneSided.OfRates(margin, weight)
            : oneSided.OfMeans(margin);
    }

    private double OfDifference(double margin) =>
        _metric.LowerIsBetter ? _difference.LogAbove(margin) : _difference.LogBelow(-margin);

    private double OfRates(double margin, double weight) =>
        _metric.LowerIsBetter
            ? RateMixture.For(weight, margin).LogE(_control, _arm)
            : RateMixture.For(1 - weight, margin).LogE(_arm, _control);

    private double OfMeans(double margin)
    {
        if (margin == 0)
        {
            return _metric.LowerIsBetter ? _ratio!.LogAbove() : _ratio!.LogBelow();
        }

        var share = _control.Mean > 0 ? margin / _control.Mean : double.PositiveInfinity;
        return double.IsInfinity(share) || (!_metric.LowerIsBetter && share >= 1) ? 0
            : _metric.LowerIsBetter ? _ratio!.LogAbove(double.LogP1(share))
            : _ratio!.LogBelow(double.LogP1(-share));
    }

    private static ArmSums SumsOf(Metric metric, ArmTotals totals) =>
        metric.Kind is MetricKind.Binary or MetricKind.Unspecified
            ? ArmSums.OfRate(totals.Units, totals.Converted)
            : new ArmSums(
                totals.Units,
                (double)totals.Y / ArmTotals.One,
                (double)totals.YSquared / ((double)ArmTotals.One * ArmTotals.One)
            );
}
