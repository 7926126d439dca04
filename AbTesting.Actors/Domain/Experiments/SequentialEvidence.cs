using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// What only the order of the reports tells: the strongest evidence so far, and whether a planned look is due. It is
/// written into the report's event, so that a later release's formulas do not rewrite it.
/// </summary>
internal static class SequentialEvidence
{
    public static void Complete(CellReported report, TestState before)
    {
        var d = before.Definition!;
        var after = before.Apply(report);
        report.SampleRatio.AddRange(after.Merged.Keys.Select(k => k.Phase).Distinct().Select(p => Check(p, after)));
        if (d.Method == Method.Msprt)
        {
            var msprt = new Comparisons(after, Question.Of(d));
            foreach (var c in msprt.All(inFull: false).Where(c => c.Role == MetricRole.Primary))
            {
                report.Peaks.Add(
                    new PeakEvidence { Arm = c.Arm, SmallestP = Math.Min(c.PValue, before.SmallestP(c.Arm)) }
                );
            }
        }

        report.Look = Look(d, before, after);
    }

    private static SampleRatioCheck Check(int phase, TestState after)
    {
        var d = after.Definition!;
        long[] units =
        [
            .. d.Arms.Select(a => after.Merged.GetValueOrDefault(new ArmKey(phase, a.Name, d.Metric)).Units),
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
    private static double Look(TestDefinition d, TestState before, TestState after)
    {
        if (d.Method != Method.GroupSequential || before.Looks.Count >= d.Looks)
        {
            return 0;
        }

        var fraction = Math.Min(1, (double)after.UnitsOf(d.Metric) / d.HorizonUnits);
        var due = fraction >= (before.Looks.Count + 1.0) / d.Looks;
        return due && fraction > (before.Looks.IsEmpty ? 0 : before.Looks[^1]) ? fraction : 0;
    }
}
