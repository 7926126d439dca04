using RalmActors.Messages.Training;

namespace Ralm.Ranking.Metrics;

/// <summary>Two versions on the same rows: every difference with its interval, all of them paired.</summary>
public static class ModelComparison
{
    public static VersionComparison Of(
        EvaluationRows rows,
        ReadOnlySpan<float> version,
        ReadOnlySpan<float> against,
        Resampling resampling
    )
    {
        var comparison = new VersionComparison { Level = resampling.Level, Resamples = resampling.Replicates };
        var (first, second) = (new MeasuredScores(rows, version), new MeasuredScores(rows, against));
        var (a, b) = (first.Measure(), second.Measure());
        var intervals = UserBootstrap.Intervals(resampling, rows, first, second);
        for (var m = 0; m < a.Length; m++)
        {
            if (!double.IsFinite(a[m]) || !double.IsFinite(b[m]))
            {
                continue;
            }

            var difference = new Difference
            {
                Metric = EvaluationMetrics.All[m].Name,
                Version = a[m],
                Against = b[m],
                Difference_ = a[m] - b[m],
                BiggerIsBetter = EvaluationMetrics.All[m].Ceiling,
            };
            if (double.IsFinite(intervals[m].Low))
            {
                (difference.Low, difference.High) = (intervals[m].Low, intervals[m].High);
                difference.PValue = intervals[m].PValue;
            }

            comparison.Differences.Add(difference);
        }

        var auc = DeLong.Compare(version, against, rows.Labels.Span);
        if (double.IsFinite(auc.StandardError))
        {
            (comparison.AucDifference, comparison.Z, comparison.PValue) = (auc.Difference, auc.Z, auc.PValue);
            (comparison.AucLow, comparison.AucHigh) = auc.Interval(resampling.Level);
        }

        comparison.Slices.AddRange(SliceFigures.Compare(rows, version, against, resampling.Level));
        return comparison;
    }
}
