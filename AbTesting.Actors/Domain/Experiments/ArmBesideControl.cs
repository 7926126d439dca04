using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>A metric of one arm beside the control's: what is estimated, and what one look at it says by each method.</summary>
internal sealed class ArmBesideControl
{
    /// <summary>
    /// Successes and failures every arm must have, or units with a value, or be expected to have if there were no effect, before a
    /// normal approximation is believed (Cochran 1954).
    /// </summary>
    private const double FewestCounts = 5;

    /// <summary>Fewer say little of how much a ratio varies (Deng, Knoblich, Lu 2018 ask for many).</summary>
    private const double FewestDenominators = 20;

    /// <summary>Below this share of the metric's own variance what an adjustment leaves is rounding.</summary>
    private const double Rounding = 1e-12;

    private readonly Moments _control;
    private readonly Moments _arm;
    private readonly ArmTotals _controlTotals;
    private readonly ArmTotals _armTotals;

    private ArmBesideControl(Metric metric, string arm, (ArmTotals Totals, Moments Moments)[] both, double theta)
    {
        (Metric, Arm, Theta) = (metric, arm, theta);
        ((_controlTotals, _control), (_armTotals, _arm)) = (both[0], both[1]);
        var effect = Effect.Cautious(_control, _arm);
        if (metric.Kind == MetricKind.Ratio)
        {
            // Few have a denominator, or a large one: the variance is known as well as these let it be.
            effect = effect with
            {
                DegreesOfFreedom = Math.Min(effect.DegreesOfFreedom, FewestWithDenominators - 1),
            };
        }

        Effect = IsRounding ? effect with { Variance = 0 } : effect;
    }

    public Metric Metric { get; }

    public string Arm { get; }

    /// <summary>Slope of the adjustment; 0: none.</summary>
    public double Theta { get; }

    public double ControlMean => _control.Mean;

    public double ArmMean => _arm.Mean;

    /// <summary>In the metric's own unit.</summary>
    public Effect Effect { get; }

    /// <summary>Relative to what the control's units did, not adjusted; 0 where that is nothing.</summary>
    public double Lift => RawControlMean == 0 ? 0 : Effect.Value / Math.Abs(RawControlMean);

    public long Units => _controlTotals.Units + _armTotals.Units;

    /// <summary>1: the arm's value is above the control's; -1: below.</summary>
    public int Side => Effect.Value < 0 ? -1 : 1;

    /// <summary>Cohen's d; 0 for rates, which have h.</summary>
    public double EffectSize => IsRate || Effect.IsUndefined ? 0 : Effect.CohenD(_control, _arm);

    public Proportion ControlRate => _controlTotals.Proportion;

    public Proportion ArmRate => _armTotals.Proportion;

    public bool IsRate => Metric.Kind is MetricKind.Binary or MetricKind.Unspecified;

    private double RawControlMean => Metric.Adjusted ? _controlTotals.Moments.Mean : _control.Mean;

    private bool IsRounding =>
        Metric.Adjusted && _control.M2 + _arm.M2 <= Rounding * (_controlTotals.Moments.M2 + _armTotals.Moments.M2);

    /// <summary>Every arm that has units beside a control that has.</summary>
    public static IEnumerable<ArmBesideControl> All(ExperimentState experiment, Metric metric)
    {
        var d = experiment.Definition!;
        ArmTotals[] totals = [.. d.Arms.Select(a => experiment.Totals(a.Name, metric.Name))];
        var cuped = metric.Adjusted ? Cuped.Adjust([.. totals.Select(t => t.Pairs)]) : default;
        for (var i = 1; i < totals.Length; i++)
        {
            var (control, arm) = (MomentsOf(0), MomentsOf(i));
            if (control.Count > 0 && arm.Count > 0)
            {
                yield return new ArmBesideControl(
                    metric,
                    d.Arms[i].Name,
                    [(totals[0], control), (totals[i], arm)],
                    cuped.Theta
                );
            }
        }

        Moments MomentsOf(int arm) =>
            metric.Adjusted
                ? cuped.Arms[arm]
                : metric.Kind switch
                {
                    MetricKind.Ratio => totals[arm].X == 0 ? default : totals[arm].Pairs.Ratio,
                    MetricKind.Binary => totals[arm].Proportion.Moments,
                    _ => totals[arm].Moments,
                };
    }

    /// <summary>A look at any time, at any split; see docs/experiments.md.</summary>
    /// <param name="level">The comparison's share of the level, for the intervals.</param>
    public InterimLook Anytime(Tuning tuning, double level)
    {
        var sequence = new SequentialComparison(Metric, _controlTotals, _armTotals, tuning);
        var (effect, lift) = sequence.Intervals(level);
        return new InterimLook(EValue.P(sequence.LogE), effect, _control.Mean == 0 ? Interval.Everything : lift);
    }

    /// <summary>Student's t: one look, decided on beforehand. Null: too little has come to look at.</summary>
    public InterimLook? Once(double level) =>
        HasTooFewCounts
            ? null
            : Around(
                FixedHorizon.TwoSidedP(Effect),
                Tails.StudentQuantile(Math.Min(Effect.DegreesOfFreedom, 1e9), level / 2)
            );

    /// <summary>One of several planned looks. Null: too little has come to look at.</summary>
    /// <param name="fractions">Of the planned information, at each look so far; this is the last.</param>
    public InterimLook? Planned(IReadOnlyList<double> fractions, double level)
    {
        if (HasTooFewCounts)
        {
            return null;
        }

        var look = PlannedLook.After(fractions);
        return Around(look.P(FixedHorizon.T(Effect), level), look.Limit(level));
    }

    /// <summary>
    /// The posterior with a flat prior: its interval, and twice the chance of the other side. Null: too little has come to look at.
    /// </summary>
    public InterimLook? Posterior(double level) =>
        HasTooFewCounts ? null : Around(Tails.NormalTwoSided(FixedHorizon.T(Effect)), Tails.NormalQuantile(level / 2));

    private InterimLook Around(double p, double reach) =>
        new(
            p,
            Interval.Around(Effect.Value, reach * Effect.StandardError),
            Metric.Adjusted ? Interval.Everything : Effect.Fieller(_control, _arm, Effect, reach)
        );

    /// <summary>What the method's decision is measured by: log evidence, or an estimate in standard errors.</summary>
    public double Statistic(Method method, Tuning tuning) =>
        method is Method.AlwaysValid or Method.Msprt
            ? new SequentialComparison(Metric, _controlTotals, _armTotals, tuning).LogE
        : Effect.IsUndefined ? 0
        : FixedHorizon.T(Effect);

    /// <summary>r of <see cref="EValue"/> under "no effect".</summary>
    public double Information(Tuning tuning) =>
        new SequentialComparison(Metric, _controlTotals, _armTotals, tuning).Information;

    /// <summary>Of a rate: what is given up on average by taking the better of both, should it be the worse.</summary>
    public double ExpectedLoss
    {
        get
        {
            var (worse, better) = Metric.LowerIsBetter ? (ArmRate, ControlRate) : (ControlRate, ArmRate);
            var loss = BetaBinomial.ExpectedLoss(worse, better);
            return Math.Min(loss, loss + (Metric.LowerIsBetter ? -Effect.Value : Effect.Value));
        }
    }

    private bool HasTooFewCounts =>
        Effect.IsUndefined
        || (
            IsRate ? new TwoProportions(ControlRate, ArmRate).Table.SmallestExpected <= FewestCounts
            : Metric.Kind == MetricKind.Ratio ? FewestWithDenominators <= FewestDenominators
            : IsSigned ? false
            : (double)(_controlTotals.Converted + _armTotals.Converted)
                / Units
                * Math.Min(_controlTotals.Units, _armTotals.Units)
                <= FewestCounts
        );

    /// <summary>Kish's effective number of denominators in the arm that has fewer.</summary>
    private double FewestWithDenominators =>
        Math.Min(_controlTotals.Pairs.X.EffectiveCount, _armTotals.Pairs.X.EffectiveCount);

    private bool IsSigned => _controlTotals.IsSigned(Metric) || _armTotals.IsSigned(Metric);
}
