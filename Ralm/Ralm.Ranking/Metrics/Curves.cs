using RalmActors.Messages.Training;

namespace Ralm.Ranking.Metrics;

/// <summary>What every threshold would give, from the highest score down; none where all labels are equal.</summary>
internal static class Curves
{
    /// <summary>False positive rate to true positive rate.</summary>
    public static List<CurvePoint> Roc(ScoreOrder order, ReadOnlySpan<float> labels)
    {
        var counts = Count(order, labels);
        var (positives, negatives) = counts[^1];
        return positives == 0 || negatives == 0
            ? []
            : counts.ConvertAll(c => new CurvePoint
            {
                X = c.False / (double)negatives,
                Y = c.True / (double)positives,
            });
    }

    /// <summary>Recall to precision.</summary>
    public static List<CurvePoint> PrecisionRecall(ScoreOrder order, ReadOnlySpan<float> labels)
    {
        var counts = Count(order, labels);
        var (positives, negatives) = counts[^1];
        return positives == 0 || negatives == 0
            ? []
            :
            [
                .. counts
                    .Skip(1)
                    .Select(c => new CurvePoint
                    {
                        X = c.True / (double)positives,
                        Y = c.True / (double)(c.True + c.False),
                    }),
            ];
    }

    private static List<(long True, long False)> Count(ScoreOrder order, ReadOnlySpan<float> labels)
    {
        var counts = new List<(long, long)>(order.Groups + 1) { (0, 0) };
        var (yes, no) = (0L, 0L);
        for (var g = order.Groups - 1; g >= 0; g--)
        {
            foreach (var row in order.Group(g))
            {
                _ = RankingMetrics.IsPositive(labels[row]) ? yes++ : no++;
            }

            counts.Add((yes, no));
        }

        return counts;
    }
}
