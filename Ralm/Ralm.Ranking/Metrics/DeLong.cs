using System.Runtime.InteropServices;
using MathNet.Numerics;

namespace Ralm.Ranking.Metrics;

/// <summary>AUC with its uncertainty, rows taken as independent.</summary>
/// <param name="Auc">NaN when all labels are equal.</param>
/// <param name="StandardError">NaN when there are fewer than two positives or two negatives.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AucEstimate(double Auc, double StandardError)
{
    /// <summary>The interval that holds the true AUC with this probability; cut to 0..1.</summary>
    public (double Low, double High) Interval(double level)
    {
        var half = Normal.TwoSided(level) * StandardError;
        return (Math.Max(0, Auc - half), Math.Min(1, Auc + half));
    }
}

/// <summary>Two models' AUC on the same rows.</summary>
/// <param name="Difference">The first less the second.</param>
/// <param name="PValue">Two-sided, of "both are equal".</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AucComparison(
    AucEstimate First,
    AucEstimate Second,
    double Difference,
    double StandardError,
    double Z,
    double PValue
)
{
    /// <summary>The interval that holds the true difference with this probability.</summary>
    public (double Low, double High) Interval(double level)
    {
        var half = Normal.TwoSided(level) * StandardError;
        return (Difference - half, Difference + half);
    }
}

file static class Normal
{
    /// <summary>How many standard errors to both sides hold this probability.</summary>
    public static double TwoSided(double level) => Math.Sqrt(2) * SpecialFunctions.ErfInv(level);
}

/// <summary>
/// The variance of AUC without assumptions about the scores (DeLong, DeLong and Clarke-Pearson 1988), by ranks in
/// O(n log n) (Sun and Xu 2014).
/// </summary>
public static class DeLong
{
    public static AucEstimate Estimate(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        var placed = Placements.Of(scores, labels);
        return new AucEstimate(placed.Auc, Math.Sqrt(Placements.Covariance(placed, placed)));
    }

    /// <exception cref="ArgumentException">Both must score the same rows.</exception>
    public static AucComparison Compare(
        ReadOnlySpan<float> first,
        ReadOnlySpan<float> second,
        ReadOnlySpan<float> labels
    )
    {
        var (a, b) = (Placements.Of(first, labels), Placements.Of(second, labels));
        var (ofA, ofB) = (Placements.Covariance(a, a), Placements.Covariance(b, b));
        var difference = a.Auc - b.Auc;
        // Rounding may leave a little less than nothing where both models order alike.
        var error = Math.Sqrt(Math.Max(0, ofA + ofB - (2 * Placements.Covariance(a, b))));
        var z = error > 0 ? difference / error : 0;
        return new AucComparison(
            new AucEstimate(a.Auc, Math.Sqrt(ofA)),
            new AucEstimate(b.Auc, Math.Sqrt(ofB)),
            difference,
            error,
            z,
            SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2))
        );
    }

    /// <summary>For each positive the share of negatives below it, and for each negative the share of positives above it.</summary>
    private sealed record Placements(double[] Positives, double[] Negatives, double Auc)
    {
        public static Placements Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
        {
            if (scores.Length != labels.Length)
            {
                throw new ArgumentException($"{scores.Length} scores and {labels.Length} labels", nameof(labels));
            }

            var order = ScoreOrder.Of(scores);
            var place = new double[scores.Length];
            var (positives, negatives) = (0, 0);
            for (var g = 0; g < order.Groups; g++)
            {
                var (up, down) = (0, 0);
                foreach (var row in order.Group(g))
                {
                    _ = RankingMetrics.IsPositive(labels[row]) ? up++ : down++;
                }

                foreach (var row in order.Group(g))
                {
                    place[row] = RankingMetrics.IsPositive(labels[row])
                        ? negatives + (down / 2.0)
                        : positives + (up / 2.0);
                }

                (positives, negatives) = (positives + up, negatives + down);
            }

            var (of, against) = (new double[positives], new double[negatives]);
            var (p, n) = (0, 0);
            for (var row = 0; row < place.Length; row++)
            {
                if (RankingMetrics.IsPositive(labels[row]))
                {
                    of[p++] = place[row] / negatives;
                }
                else
                {
                    against[n++] = 1 - (place[row] / positives);
                }
            }

            return new(of, against, positives == 0 || negatives == 0 ? double.NaN : of.Average());
        }

        public static double Covariance(Placements a, Placements b) =>
            (Covariance(a.Positives, b.Positives, a.Auc, b.Auc) / a.Positives.Length)
            + (Covariance(a.Negatives, b.Negatives, a.Auc, b.Auc) / a.Negatives.Length);

        private static double Covariance(double[] a, double[] b, double meanOfA, double meanOfB)
        {
            double sum = 0;
            for (var i = 0; i < a.Length; i++)
            {
                sum += (a[i] - meanOfA) * (b[i] - meanOfB);
            }

            return a.Length < 2 ? double.NaN : sum / (a.Length - 1);
        }
    }
}
