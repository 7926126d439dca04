using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace Ralm.Ranking.Metrics;

/// <summary>One version on the test rows, as numbers that a page can be drawn from.</summary>
public static class EvaluationReport
{
    /// <summary>Figures that stand beside a version without seeds too.</summary>
    private static readonly string[] Heads = [EvaluationMetrics.Auc, EvaluationMetrics.LogLoss];

    /// <summary>Points of a curve at most: more cannot be seen.</summary>
    public const int CurvePoints = 200;

    /// <summary>Fills an evaluation that says already what was judged. Without rows it says why there are no figures.</summary>
    public static Evaluation Fill(
        Evaluation report,
        EvaluationRows rows,
        ReadOnlySpan<float> scores,
        Resampling resampling,
        ReadOnlySpan<float> cold = default
    )
    {
        (report.Rows, report.Positives) = (rows.Count, rows.Positives);
        (report.Users, report.Candidates) = (rows.Users, rows.Candidates);
        if (rows.Count == 0)
        {
            report.Reason = "the dataset has no test rows";
            return report;
        }

        (report.Level, report.Resamples, report.Seed) = (resampling.Level, resampling.Replicates, resampling.Seed);
        var labels = rows.Labels.Span;
        var auc = DeLong.Estimate(scores, labels);
        if (double.IsFinite(auc.StandardError))
        {
            report.Auc = auc.Auc;
            (report.AucLow, report.AucHigh) = auc.Interval(resampling.Level);
        }

        report.Metrics.AddRange(Estimates(rows, scores, resampling));
        AddCold(report, rows, cold);
        report.Reliability.AddRange(Reliability(scores, labels));
        var order = ScoreOrder.Of(scores);
        report.Roc.AddRange(Thin(Curves.Roc(order, labels)));
        report.PrecisionRecall.AddRange(Thin(Curves.PrecisionRecall(order, labels)));
        report.Slices.AddRange(SliceFigures.Of(rows, scores, resampling.Level));
        return report;
    }

    /// <summary>What stands beside a version: every figure of the report under "test_", those with an interval with it.</summary>
    public static IEnumerable<Metric> Summary(Evaluation report)
    {
        foreach (var estimate in report.Metrics)
        {
            var metric = new Metric { Name = $"test_{estimate.Metric}", Value = estimate.Value };
            if (estimate.HasLow)
            {
                (metric.Low, metric.High) = (estimate.Low, estimate.High);
            }

            yield return metric;
        }

        foreach (var estimate in report.Metrics.Where(e => e.HasCold && Heads.Contains(e.Metric)))
        {
            yield return new Metric { Name = $"test_cold_{estimate.Metric}", Value = estimate.Cold };
        }
    }

    /// <summary>Figures without seeds beside those with them.</summary>
    private static void AddCold(Evaluation report, EvaluationRows rows, ReadOnlySpan<float> cold)
    {
        if (cold.IsEmpty)
        {
            return;
        }

        var values = new MeasuredScores(rows, cold).Measure();
        foreach (var estimate in report.Metrics)
        {
            var value = values[EvaluationMetrics.PlaceOf(estimate.Metric)];
            if (double.IsFinite(value))
            {
                estimate.Cold = value;
            }
        }
    }

    private static IEnumerable<Estimate> Estimates(
        EvaluationRows rows,
        ReadOnlySpan<float> scores,
        Resampling resampling
    )
    {
        var model = new MeasuredScores(rows, scores);
        var share = new float[rows.Count];
        Array.Fill(share, (float)rows.Labels.Span.ToArray().Average(l => (double)l));
        var (values, constants) = (model.Measure(), new MeasuredScores(rows, share).Measure());
        var intervals = UserBootstrap.Intervals(resampling, rows, model);
        var estimates = ImmutableArray.CreateBuilder<Estimate>();
        for (var m = 0; m < values.Length; m++)
        {
            var metric = EvaluationMetrics.All[m];
            if (!double.IsFinite(values[m]))
            {
                continue;
            }

            var estimate = new Estimate
            {
                Metric = metric.Name,
                Value = values[m],
                BiggerIsBetter = metric.Ceiling,
            };
            if (metric.Resampled && double.IsFinite(intervals[m].Low))
            {
                (estimate.Low, estimate.High) = (intervals[m].Low, intervals[m].High);
            }

            if (double.IsFinite(constants[m]))
            {
                estimate.Constant = constants[m];
                // Towards better: a loss that falls is a lift.
                var better = metric.Ceiling ? values[m] - constants[m] : constants[m] - values[m];
                if (Math.Abs(constants[m]) > 1e-6)
                {
                    estimate.Lift = better / Math.Abs(constants[m]);
                }
            }

            estimates.Add(estimate);
        }

        return estimates;
    }

    private static IEnumerable<ReliabilityBin> Reliability(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        var bins = new ReliabilityBin[MeasuredScores.Bins];
        for (var b = 0; b < bins.Length; b++)
        {
            bins[b] = new ReliabilityBin { From = b / (double)bins.Length, To = (b + 1) / (double)bins.Length };
        }

        for (var row = 0; row < scores.Length; row++)
        {
            var bin = bins[RankingMetrics.Bin(scores[row], bins.Length)];
            bin.Rows++;
            bin.MeanScore += scores[row];
            bin.SharePositive += labels[row];
        }

        foreach (var bin in bins)
        {
            (bin.MeanScore, bin.SharePositive) =
                bin.Rows == 0 ? (0, 0) : (bin.MeanScore / bin.Rows, bin.SharePositive / bin.Rows);
        }

        return bins;
    }

    private static IEnumerable<CurvePoint> Thin(List<CurvePoint> points)
    {
        var step = Math.Max(1, (points.Count - 1) / (double)CurvePoints);
        for (var at = 0.0; at < points.Count - 1; at += step)
        {
            yield return points[(int)at];
        }

        if (points.Count > 0)
        {
            yield return points[^1];
        }
    }
}
