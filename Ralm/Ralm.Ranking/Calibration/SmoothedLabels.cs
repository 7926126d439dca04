namespace Ralm.Ranking.Calibration;

/// <summary>
/// Platt's targets in place of labels, so that few rows, or rows that a model separates, promise nobody a probability of 0 or
/// 1: (positives + 1) / (positives + 2) for 1 and 1 / (negatives + 2) for 0 (Platt 1999).
/// </summary>
internal static class SmoothedLabels
{
    /// <param name="labels">0 to 1; what lies between has a target between.</param>
    /// <returns>Above 0 and below 1; <c>null</c> where all labels are 0 or all are 1: they cannot tell a good score.</returns>
    public static double[]? Of(ReadOnlySpan<float> labels)
    {
        var positives = 0.0;
        foreach (var label in labels)
        {
            positives += label;
        }

        var negatives = labels.Length - positives;
        if (!(positives > 0 && negatives > 0))
        {
            return null;
        }

        var (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2));
        var targets = new double[labels.Length];
        for (var row = 0; row < targets.Length; row++)
        {
            targets[row] = low + (labels[row] * (high - low));
        }

        return targets;
    }
}
