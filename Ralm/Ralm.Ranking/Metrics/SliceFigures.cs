using RalmActors.Messages.Training;

namespace Ralm.Ranking.Metrics;

/// <summary>Figures of parts of the rows: where a model is weak, and for whom.</summary>
public static class SliceFigures
{
    /// <summary>Smaller slices say nothing and may point to one person.</summary>
    public const int MinRows = 20;

    /// <summary>The most frequent values of a feature.</summary>
    public const int MaxPerFeature = 12;

    public static IEnumerable<SliceEstimate> Of(EvaluationRows rows, ReadOnlySpan<float> scores, double level)
    {
        var figures = new List<SliceEstimate>();
        foreach (var (column, value, own) in Slices(rows))
        {
            var (mine, labels) = (Pick(scores, own), Pick(rows.Labels.Span, own));
            var slice = new SliceEstimate
            {
                Feature = column.Feature,
                Value = column.Values[value],
                Rows = own.Length,
                Positives = labels.Count(RankingMetrics.IsPositive),
                LogLoss = RankingMetrics.LogLoss<float>(mine, labels),
                MeanScore = mine.Average(s => (double)s),
            };
            var auc = DeLong.Estimate(mine, labels);
            if (double.IsFinite(auc.StandardError))
            {
                slice.Auc = auc.Auc;
                (slice.AucLow, slice.AucHigh) = auc.Interval(level);
            }

            figures.Add(slice);
        }

        return figures;
    }

    /// <summary>The first model's AUC less the second's, slice by slice.</summary>
    public static IEnumerable<SliceDifference> Compare(
        EvaluationRows rows,
        ReadOnlySpan<float> first,
        ReadOnlySpan<float> second,
        double level
    )
    {
        var figures = new List<SliceDifference>();
        foreach (var (column, value, own) in Slices(rows))
        {
            var compared = DeLong.Compare(Pick(first, own), Pick(second, own), Pick(rows.Labels.Span, own));
            if (!double.IsFinite(compared.StandardError))
            {
                continue;
            }

            var (low, high) = compared.Interval(level);
            figures.Add(
                new SliceDifference
                {
                    Feature = column.Feature,
                    Value = column.Values[value],
                    Rows = own.Length,
                    Difference = compared.Difference,
                    Low = low,
                    High = high,
                    PValue = compared.PValue,
                }
            );
        }

        return figures;
    }

    private static IEnumerable<(SliceColumn Column, int Value, int[] Rows)> Slices(EvaluationRows rows) =>
        from column in rows.Slices
        from slice in Enumerable
            .Range(0, rows.Count)
            .GroupBy(row => (int)column.ValueOf.Span[row])
            .Where(g => g.Count() >= MinRows)
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key)
            .Take(MaxPerFeature)
            .OrderBy(g => g.Key)
        select (column, slice.Key, slice.ToArray());

    private static float[] Pick(ReadOnlySpan<float> from, int[] rows)
    {
        var picked = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            picked[i] = from[rows[i]];
        }

        return picked;
    }
}
