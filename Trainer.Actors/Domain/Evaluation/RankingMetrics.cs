namespace RalmActors.Trainer.Domain.Evaluation;

/// <summary>How well scores order and how well they are calibrated. Labels are 0 or 1.</summary>
public static class RankingMetrics
{
    /// <summary>
    /// Area under the ROC curve: the share of positive-negative pairs in the right order, ties half (Mann-Whitney;
    /// Hanley and McNeil 1982).
    /// </summary>
    /// <returns>0 to 1; NaN when all labels are equal.</returns>
    /// <exception cref="ArgumentException">As many labels as scores are needed.</exception>
    public static double Auc(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        Check(scores, labels);
        var order = new int[scores.Length];
        var keys = scores.ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(keys, order);
        double rankSum = 0;
        long positives = 0;
        for (var start = 0; start < keys.Length; )
        {
            var end = start;
            var tied = 0L;
            while (end < keys.Length && keys[end] == keys[start])
            {
                tied += labels[order[end]] > 0.5f ? 1 : 0;
                end++;
            }

            rankSum += tied * ((start + 1 + end) / 2.0);
            positives += tied;
            start = end;
        }

        var negatives = keys.Length - positives;
        return positives == 0 || negatives == 0
            ? double.NaN
            : (rankSum - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }

    /// <summary>Mean negative log likelihood, probabilities clipped to [1e-7, 1 - 1e-7].</summary>
    public static double LogLoss(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> labels)
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var p = Math.Clamp((double)probabilities[i], 1e-7, 1 - 1e-7);
            sum -= labels[i] * Math.Log(p) + (1 - labels[i]) * Math.Log(1 - p);
        }

        return sum / probabilities.Length;
    }

    /// <summary>Mean squared distance of probability and label (Brier 1950).</summary>
    public static double Brier(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> labels)
    {
        Check(probabilities, labels);
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            sum += ((double)probabilities[i] - labels[i]) * ((double)probabilities[i] - labels[i]);
        }

        return sum / probabilities.Length;
    }

    /// <summary>
    /// Expected calibration error: the gap between confidence and frequency, weighted over equal-width bins closed on the
    /// right (Naeini et al. 2015; Guo et al. 2017).
    /// </summary>
    public static double CalibrationError(ReadOnlySpan<float> probabilities, ReadOnlySpan<float> labels, int bins = 15)
    {
        Check(probabilities, labels);
        var confidence = new double[bins];
        var frequency = new double[bins];
        for (var i = 0; i < probabilities.Length; i++)
        {
            // In single precision: 0.4f is a little above 0.4, and must still lie in the bin that ends there.
            var bin = Math.Clamp((int)MathF.Ceiling(probabilities[i] * bins) - 1, 0, bins - 1);
            confidence[bin] += probabilities[i];
            frequency[bin] += labels[i];
        }

        return confidence.Zip(frequency, (c, f) => Math.Abs(c - f)).Sum() / probabilities.Length;
    }

    private static void Check(ReadOnlySpan<float> scores, ReadOnlySpan<float> labels)
    {
        if (scores.Length != labels.Length || scores.IsEmpty)
        {
            throw new ArgumentException($"{scores.Length} scores and {labels.Length} labels", nameof(labels));
        }
    }
}
