using System.Numerics;

namespace Ralm.Ranking.Metrics;

/// <summary>What a relevance is worth at the top of a list.</summary>
public enum Gain
{
    /// <summary>2^relevance - 1.</summary>
    Exponential,

    /// <summary>The relevance itself.</summary>
    Linear,
}

/// <summary>
/// One user's candidates in the order of their scores. Candidates of equal score share their places: each figure is the
/// mean over all orders they could have (McSherry and Najork 2008).
/// </summary>
public static class RankedList
{
    /// <summary>Discounted cumulative gain of the first k: gain over log2(1 + place) (Jarvelin and Kekalainen 2002).</summary>
    public static double Dcg<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> relevance, int k, Gain gain = Gain.Exponential)
        where T : IFloatingPointIeee754<T>
    {
        var order = ScoreOrder.Of(scores);
        double sum = 0;
        for (var (g, place) = (order.Groups - 1, 0); g >= 0 && place < k; g--)
        {
            double gains = 0;
            var group = order.Group(g);
            foreach (var row in group)
            {
                gains += Of(double.CreateChecked(relevance[row]), gain);
            }

            sum += gains / group.Length * Discounts(place, Math.Min(place + group.Length, k));
            place += group.Length;
        }

        return sum;
    }

    /// <summary>The gain's share of the best order's. 0 to 1; 0 when nothing is relevant.</summary>
    public static double Ndcg<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> relevance, int k, Gain gain = Gain.Exponential)
        where T : IFloatingPointIeee754<T>
    {
        var best = Dcg(relevance, relevance, k, gain);
        return best > 0 ? Dcg(scores, relevance, k, gain) / best : 0;
    }

    /// <summary>Positives expected among the first k.</summary>
    public static double Hits<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> labels, int k)
        where T : IFloatingPointIeee754<T>
    {
        double hits = 0;
        foreach (var (row, share) in Shown(scores, k))
        {
            hits += RankingMetrics.IsPositive(labels[row]) ? share : 0;
        }

        return hits;
    }

    /// <summary>The first k places: which rows take them, and how surely (below 1 only where equal scores meet the k-th).</summary>
    internal static List<(int Row, double Share)> Shown<T>(ReadOnlySpan<T> scores, int k)
        where T : IFloatingPointIeee754<T>
    {
        var order = ScoreOrder.Of(scores);
        var shown = new List<(int, double)>(Math.Min(k, scores.Length));
        for (var (g, place) = (order.Groups - 1, 0); g >= 0 && place < k; g--)
        {
            var group = order.Group(g);
            var share = Math.Min(1, (k - place) / (double)group.Length);
            foreach (var row in group)
            {
                shown.Add((row, share));
            }

            place += group.Length;
        }

        return shown;
    }

    private static double Of(double relevance, Gain gain) =>
        gain == Gain.Linear ? relevance : Math.Pow(2, relevance) - 1;

    /// <summary>Sum of 1 / log2(place + 1) over places from + 1 to to.</summary>
    private static double Discounts(int from, int to)
    {
        double sum = 0;
        for (var place = from + 1; place <= to; place++)
        {
            sum += 1 / Math.Log2(place + 1);
        }

        return sum;
    }
}
