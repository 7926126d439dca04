using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>Each arm beside the control, metric by metric.</summary>
internal sealed class Comparisons(TestState test, Question question)
{
    private readonly TestDefinition _definition = test.Definition!;

    private readonly Lazy<double> _lookLimit = new(() => LimitAt(test, question));

    /// <summary>Intervals share the level over the arms, so that all of them together err with it.</summary>
    private double Level => question.Alpha / (_definition.Arms.Count - 1);

    private string Control => _definition.Arms[0].Name;

    private Tuning Tuning => new(question.Alpha, _definition.TunedFor);

    /// <summary>Those with units in both arms, in the order of the definition: primary first.</summary>
    /// <param name="inFull">With what only people read; a report is decided without.</param>
    public IReadOnlyList<Comparison> All(bool inFull)
    {
        var primary = Of(question.Metric, MetricRole.Primary).ToArray();
        Adjust(primary, OverArms([.. primary.Select(c => c.PValue)]));
        var others = _definition
            .Metrics.Where(m => m.Name != question.Metric)
            .SelectMany(m => Of(m.Name, IsGuardrail(m.Name) ? MetricRole.Guardrail : MetricRole.Secondary))
            .ToArray();
        var secondary = others.Where(c => c.Role == MetricRole.Secondary).ToArray();
        Adjust(secondary, Multiplicity.BenjaminiHochberg([.. secondary.Select(c => c.PValue)]));
        Comparison[] all = [.. primary, .. others];
        foreach (var c in all.Where(_ => inFull || question.Method == Method.Bayesian))
        {
            Describe(c);
        }

        return all;
    }

    /// <summary>
    /// The chance, at any look, that an arm is worse than the control by more than its margin just by luck, shared over all
    /// guardrails and arms: whatever is rolled back, all of them together err with the level.
    /// </summary>
    public IEnumerable<(Guardrail Guardrail, string Arm, double P)> Harm()
    {
        var control = _definition.Arms[0];
        var watched = _definition.Guardrails.Count * (_definition.Arms.Count - 1);
        foreach (var guardrail in _definition.Guardrails)
        {
            var metric = _definition.Metrics.First(m => m.Name == guardrail.Metric);
            foreach (var arm in _definition.Arms.Skip(1).Where(a => a.Weight + control.Weight > 0))
            {
                var evidence = SequentialComparison.LogHarm(
                    metric,
                    test.Totals(control.Name, metric.Name),
                    test.Totals(arm.Name, metric.Name),
                    guardrail.Margin,
                    (double)arm.Weight / (arm.Weight + control.Weight),
                    Tuning
                );
                yield return (guardrail, arm.Name, Math.Min(1, watched * EValue.P(evidence)));
            }
        }
    }

    /// <summary>The primary metric's effect in one arm, for planning.</summary>
    public Effect? EffectOf(string arm) =>
        Effects(_definition.Metrics.First(m => m.Name == question.Metric))
            .Where(e => e.Arm == arm && !e.Effect.IsUndefined)
            .Select(e => (Effect?)e.Effect)
            .FirstOrDefault();

    /// <summary>The estimates that would decide nothing, by this test's method.</summary>
    public Interval Undecided(Effect effect)
    {
        var null0 = effect with { Value = 0 };
        return question.Method switch
        {
            Method.AlwaysValid => new ConfidenceSequence(_definition.TunedFor).TwoSided(null0, Level),
            Method.Msprt => new Msprt(_definition.PlausibleEffect).Interval(null0, Level),
            _ => FixedHorizon.TwoSided(null0 with { DegreesOfFreedom = double.PositiveInfinity }, Level),
        };
    }

    private IEnumerable<Comparison> Of(string name, MetricRole role)
    {
        var metric = _definition.Metrics.First(m => m.Name == name);
        foreach (var (arm, effect, theta) in Effects(metric))
        {
            var comparison = new Comparison
            {
                Metric = name,
                Arm = arm,
                Role = role,
                PValue = 1,
                AdjustedP = 1,
                Theta = theta,
                // Nothing is excluded before both arms show how much units differ.
                EffectLow = double.NegativeInfinity,
                EffectHigh = double.PositiveInfinity,
                LiftLow = double.NegativeInfinity,
                LiftHigh = double.PositiveInfinity,
            };
            if (question.Method == Method.AlwaysValid)
            {
                MeasureAnytime(comparison, metric, effect);
            }
            else if (!effect.IsUndefined)
            {
                Measure(comparison, metric, effect);
            }

            yield return comparison;
        }
    }

    /// <summary>Every arm's effect on a metric; a ratio's, and what is adjusted, by their own variances.</summary>
    private IEnumerable<(string Arm, Effect Effect, double Theta)> Effects(Metric metric)
    {
        var (moments, theta) = Moments(metric);
        for (var i = 1; i < moments.Length; i++)
        {
            if (moments[0].Count > 0 && moments[i].Count > 0)
            {
                yield return (_definition.Arms[i].Name, Effect.Absolute(moments[0], moments[i]), theta);
            }
        }
    }

    private (Moments[] Arms, double Theta) Moments(Metric metric)
    {
        var totals = _definition.Arms.Select(a => test.Totals(a.Name, metric.Name)).ToArray();
        if (metric.Adjusted)
        {
            var cuped = Cuped.Adjust([.. totals.Select(t => t.Pairs)]);
            return ([.. cuped.Arms], cuped.Theta);
        }

        return (
            [
                .. totals.Select(t =>
                    metric.Kind switch
                    {
                        MetricKind.Ratio => t.X == 0 ? default : t.Pairs.Ratio,
                        MetricKind.Binary => t.Proportion.Moments,
                        _ => t.Moments,
                    }
                ),
            ],
            0
        );
    }

    private void Measure(Comparison c, Metric metric, Effect effect)
    {
        var lift = Estimate(c, metric, effect);
        if (c.ControlMean != 0)
        {
            (c.LiftLow, c.LiftHigh) = Ends(lift);
        }

        (c.EffectLow, c.EffectHigh) = Ends(effect);
        (c.Statistic, c.PValue) = question.Method switch
        {
            Method.Msprt => Mixture(c, effect),
            _ => (FixedHorizon.T(effect), FixedHorizon.TwoSidedP(effect)),
        };
    }

    /// <summary>Means, effect and lift, without a word about how well they are known.</summary>
    /// <returns>The lift, with its variance.</returns>
    private Effect Estimate(Comparison c, Metric metric, Effect effect)
    {
        var (moments, _) = Moments(metric);
        var arm = _definition.Arms.Select(a => a.Name).ToList().IndexOf(c.Arm);
        (c.ControlMean, c.ArmMean) = (moments[0].Mean, moments[arm].Mean);
        (c.Effect, c.StandardError) = (effect.Value, effect.IsUndefined ? 0 : effect.StandardError);
        c.EffectSize =
            metric.Kind == MetricKind.Binary || effect.IsUndefined ? 0 : Effect.CohenD(moments[0], moments[arm]);
        if (c.ControlMean == 0)
        {
            return default;
        }

        var lift = Effect.Relative(moments[0], moments[arm]);
        c.Lift = lift.Value;
        return lift;
    }

    private void MeasureAnytime(Comparison c, Metric metric, Effect estimate)
    {
        var (control, arm) = (test.Totals(Control, metric.Name), test.Totals(c.Arm, metric.Name));
        Estimate(c, metric, estimate);
        var sequence = new SequentialComparison(metric, control, arm, Tuning);
        (c.Statistic, c.PValue) = (sequence.LogE, EValue.P(sequence.LogE));
        var (effect, lift) = sequence.Intervals(Level);
        (c.EffectLow, c.EffectHigh) = (effect.Low, effect.High);
        if (c.ControlMean != 0)
        {
            (c.LiftLow, c.LiftHigh) = (lift.Low, lift.High);
        }
    }

    /// <summary>Evidence that holds at any look is shared evenly, as its intervals are: both exclude "no effect" together.</summary>
    private IReadOnlyList<double> OverArms(double[] p) =>
        question.Method == Method.AlwaysValid
            ? [.. p.Select(each => Math.Min(1, each * (_definition.Arms.Count - 1)))]
            : Multiplicity.Holm(p);

    /// <summary>The primary metric's p is the smallest that any report has shown.</summary>
    private (double Ratio, double P) Mixture(Comparison c, Effect effect)
    {
        var msprt = new Msprt(_definition.PlausibleEffect);
        var p = msprt.P(effect);
        return (msprt.LikelihoodRatio(effect), c.Role == MetricRole.Primary ? Math.Min(p, test.SmallestP(c.Arm)) : p);
    }

    private (double Low, double High) Ends(Effect effect)
    {
        var interval = question.Method switch
        {
            Method.Msprt => new Msprt(_definition.PlausibleEffect).Interval(effect, Level),
            Method.GroupSequential => Interval.Around(effect.Value, LookLimit * effect.StandardError),
            Method.Bayesian => NormalPosterior.Of(effect).Credible(Level),
            _ => FixedHorizon.TwoSided(effect, Level),
        };
        return (interval.Low, interval.High);
    }

    /// <summary>What |z| must reach at the newest planned look.</summary>
    public double LookLimit => _lookLimit.Value;

    private static double LimitAt(TestState test, Question question) =>
        test.Looks.IsEmpty
            ? double.PositiveInfinity
            : GroupSequential.SpendingLimits(
                Spending.OBrienFleming,
                [.. test.Looks],
                question.Alpha / (test.Definition!.Arms.Count - 1)
            )[^1];

    private void Describe(Comparison c)
    {
        var metric = _definition.Metrics.First(m => m.Name == c.Metric);
        if (metric.Kind == MetricKind.Binary)
        {
            var (a, b) = (test.Totals(Control, c.Metric).Proportion, test.Totals(c.Arm, c.Metric).Proportion);
            Count(c, new TwoProportions(a, b));
            Believe(c, metric.LowerIsBetter ? b : a, metric.LowerIsBetter ? a : b);
        }
        else if (c.StandardError > 0)
        {
            var gain = new NormalPosterior(metric.LowerIsBetter ? -c.Effect : c.Effect, c.StandardError);
            (c.ChanceToWin, c.ExpectedLoss) = (gain.ChanceToWin, gain.LossOfTaking);
        }
    }

    private static void Believe(Comparison c, Proportion worse, Proportion better) =>
        (c.ChanceToWin, c.ExpectedLoss) = (
            BetaBinomial.ProbabilityBetter(worse, better),
            BetaBinomial.ExpectedLoss(worse, better)
        );

    private static void Count(Comparison c, TwoProportions two)
    {
        var (pearson, yates) = (two.Table.Pearson(), two.Table.Yates());
        (c.ChiSquare, c.ChiSquareP) = (pearson.Statistic, pearson.P);
        (c.Yates, c.YatesP) = (yates.Statistic, yates.P);
        (c.OddsRatio, c.EffectSize) = (two.OddsRatio, two.CohenH);
        // Cochran 1954: below five expected, the chi-square's own distribution is not to be trusted.
        c.FisherP =
            two.Table.SmallestExpected < 5
                ? FisherExact.TwoSided(
                    two.A.Successes,
                    two.A.Trials - two.A.Successes,
                    two.B.Successes,
                    two.B.Trials - two.B.Successes
                )
                : 0;
    }

    private bool IsGuardrail(string name) => _definition.Guardrails.Any(g => g.Metric == name);

    private static void Adjust(Comparison[] family, IReadOnlyList<double> adjusted)
    {
        for (var i = 0; i < family.Length; i++)
        {
            family[i].AdjustedP = adjusted[i];
        }
    }
}
