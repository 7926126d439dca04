using System.Numerics;

namespace Ralm.Ranking.Metrics;

/// <summary>How well scores order and how well they are calibrated. Labels are 0 or 1.</summary>
public static class RankingMetrics
{
    /// <summary>
    /// Area under the ROC curve: the share of positive-negative pairs in the right order, ties half (Mann-Whitney;
    /// Hanley and McNeil 1982).
    /// </summary>
    /// <returns>0 to 1; NaN when all labels are equal.</returns>
    /// <exception cref="ArgumentException">As many labels as scores are needed, and finite scores.</exception>
    public static double Auc<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> labels)
        where T : IFloatingPointIeee754<T>
    {
        Check(scores, labels);
        var order = ScoreOrder.Of(scores);
        double right = 0;
        long positives = 0;
        long negatives = 0;
        for (var g = 0; g < order.Groups; g++)
        {
            var group = order.Group(g);
            var tied = CountPositives(group, labels);
            right += tied * (negatives + ((group.Length - tied) / 2.0));
            positives += tied;
            negatives += group.Length - tied;
        }

        return positives == 0 || negatives == 0 ? double.NaN : right / ((double)positives * negatives);
    }

    /// <summary>
    /// Area under the precision-recall curve as a sum of steps: precision at each score, weighted by the recall it adds.
    /// </summary>
    /// <returns>0 to 1; NaN without positives.</returns>
    public static double AveragePrecision<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> labels)
        where T : IFloatingPointIeee754<T>
    {
        Check(scores, labels);
        var order = ScoreOrder.Of(scores);
        double sum = 0;
        long positives = 0;
        for (var g = order.Groups - 1; g >= 0; g--)
        {
            var tied = CountPositives(order.Group(g), labels);
            positives += tied;
            sum += tied * (positives / (double)(scores.Length - order.Starts[g]));
        }

        return positives == 0 ? double.NaN : sum / positives;
    }

    /// <summary>Mean negative log likelihood of the labels.</summary>
    /// <param name="clip">Probabilities are kept at least so far from 0 and 1.</param>
    public static double LogLoss<T>(ReadOnlySpan<T> probabilities, ReadOnlySpan<T> labels, double clip = 1e-7)
        where T : IFloatingPointIeee754<T>
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            sum += LogLoss(double.CreateChecked(probabilities[i]), double.CreateChecked(labels[i]), clip);
        }

        return sum / probabilities.Length;
    }

    /// <summary>One row's negative log likelihood.</summary>
    internal static double LogLoss(double probability, double label, double clip = 1e-7)
    {
        var p = Math.Clamp(probability, clip, 1 - clip);
        return -((label * Math.Log(p)) + ((1 - label) * Math.Log(1 - p)));
    }

    /// <summary>Mean squared distance of probability and label (Brier 1950).</summary>
    public static double Brier<T>(ReadOnlySpan<T> probabilities, ReadOnlySpan<T> labels)
        where T : IFloatingPointIeee754<T>
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var distance = double.CreateChecked(probabilities[i]) - double.CreateChecked(labels[i]);
            sum += distance * distance;
        }

        return sum / probabilities.Length;
    }

    /// <summary>
    /// Expected calibration error: the gap between confidence and frequency, weighted over equal-width bins closed on the
    /// right (Naeini et al. 2015; Guo et al. 2017).
    /// </summary>
    public static double CalibrationError<T>(ReadOnlySpan<T> probabilities, ReadOnlySpan<T> labels, int bins = 15)
        where T : IFloatingPointIeee754<T>
    {
        Check(probabilities, labels);
        var gaps = new double[bins];
        for (var i = 0; i < probabilities.Length; i++)
        {
            gaps[Bin(probabilities[i], bins)] +=
                double.CreateChecked(probabilities[i]) - double.CreateChecked(labels[i]);
        }

        return gaps.Sum(Math.Abs) / probabilities.Length;
    }

    /// <summary>
    /// The bin of a probability, in the numbers' own precision: 0.4f is a little above 0.4, and must still lie in the bin
    /// that ends there.
    /// </summary>
    internal static int Bin<T>(T probability, int bins)
        where T : IFloatingPointIeee754<T> =>
        Math.Clamp(int.CreateSaturating(T.Ceiling(probability * T.CreateChecked(bins))) - 1, 0, bins - 1);

    internal static bool IsPositive<T>(T label)
        where T : IFloatingPointIeee754<T> => label + label > T.One;

    private static int CountPositives<T>(ReadOnlySpan<int> rows, ReadOnlySpan<T> labels)
        where T : IFloatingPointIeee754<T>
    {
        var count = 0;
        foreach (var row in rows)
        {
            count += IsPositive(labels[row]) ? 1 : 0;
        }

        return count;
    }

    private static void Check<T>(ReadOnlySpan<T> scores, ReadOnlySpan<T> labels)
    {
        if (scores.Length != labels.Length || scores.IsEmpty)
        {
            throw new ArgumentException($"{scores.Length} scores and {labels.Length} labels", nameof(labels));
        }
    }
}
