using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>What people like to read beside a comparison; nothing is decided by it.</summary>
internal static class ComparisonDetails
{
    /// <summary>Cochran 1954: below five expected, the chi-square's own distribution is not to be trusted.</summary>
    private const double FewestExpected = 5;

    public static void Add(ExperimentState experiment, ArmComparison c)
    {
        var metric = experiment.Definition!.Metrics.First(m => m.Name == c.Metric);
        if (metric.Kind == MetricKind.Binary)
        {
            var control = experiment.Totals(experiment.Definition.Arms[0].Name, c.Metric).Proportion;
            var arm = experiment.Totals(c.Arm, c.Metric).Proportion;
            Count(c, new TwoProportions(control, arm));
            var (worse, better) = metric.LowerIsBetter ? (arm, control) : (control, arm);
            c.ChanceToWin = BetaBinomial.ProbabilityBetter(worse, better);
            c.ExpectedLoss = BetaBinomial.ExpectedLoss(worse, better);
        }
        else if (c.StandardError > 0)
        {
            var effect = c.HasEffectNow ? c.EffectNow : c.Effect;
            var gain = new NormalPosterior(metric.LowerIsBetter ? -effect : effect, c.StandardError);
            (c.ChanceToWin, c.ExpectedLoss) = (gain.ChanceToWin, gain.LossOfTaking);
        }
    }

    private static void Count(ArmComparison c, TwoProportions two)
    {
        var (pearson, yates) = (two.Table.Pearson(), two.Table.Yates());
        (c.ChiSquare, c.ChiSquareP) = (pearson.Statistic, pearson.P);
        (c.Yates, c.YatesP) = (yates.Statistic, yates.P);
        (c.OddsRatio, c.EffectSize) = (two.OddsRatio, two.CohenH);
        if (two.Table.SmallestExpected < FewestExpected)
        {
            c.FisherP = FisherExact.TwoSided(
                two.A.Successes,
                two.A.Trials - two.A.Successes,
                two.B.Successes,
                two.B.Trials - two.B.Successes
            );
        }
    }
}
