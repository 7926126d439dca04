using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// What only the order of the reports tells: whether a planned look is due, and what all looks so far have shown together. It is
/// written into the report's event, so that a later release's formulas do not rewrite it.
/// </summary>
internal static class SequentialEvidence
{
    public static void Complete(CellReported report, ExperimentState before)
    {
        var d = before.Definition!;
        var after = before.Apply(report);
        report.SampleRatio.AddRange(after.Merged.Keys.Select(k => k.Phase).Distinct().Select(p => Check(p, after)));
        report.Look = InterimLook(d, before, after);
        var looked = before.Apply(report);
        report.Evidence.AddRange(
            new Comparisons(looked, Question.Of(d)).Continue().Select(e => e.Evidence.ToMessage(e.Key))
        );
    }

    private static SampleRatioCheck Check(int phase, ExperimentState after)
    {
        var d = after.Definition!;
        long[] units =
        [
            // Whoever was exposed has been split, whether the time to answer is over or not.
            .. d
                .Arms.Select(a => after.Merged.GetValueOrDefault(new ArmKey(phase, a.Name, d.Metric)))
                .Select(t => t.Units + t.Waiting),
        ];
        double[] weights = [.. d.Arms.Select(a => (double)a.Weight)];
        var evidence = SplitEvidence.LogE(units, weights);
        return new SampleRatioCheck
        {
            Phase = phase,
            ChiSquareP = SampleRatio.ChiSquare(units, weights).P,
            AnytimeP = EValue.P(evidence),
            LogEvidence = evidence,
        };
    }

    /// <summary>The share of the planned units that has come, when it is time to look; else 0.</summary>
    private static double InterimLook(ExperimentDefinition d, ExperimentState before, ExperimentState after)
    {
        var looks = d.Method switch
        {
            Method.GroupSequential => d.Looks,
            Method.FixedHorizon => 1,
            _ => 0,
        };
        if (before.Looks.Count >= looks)
        {
            return 0;
        }

        var fraction = Math.Min(1, (double)after.UnitsOf(d.Metric) / d.HorizonUnits);
        var due = fraction >= (before.Looks.Count + 1.0) / looks;
        return due && fraction > (before.Looks.IsEmpty ? 0 : before.Looks[^1]) ? fraction : 0;
    }
}
