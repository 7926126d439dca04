namespace Ralm.Ranking.Schedules;

/// <summary>How much a row with label 1 counts in the loss beside one with label 0.</summary>
internal static class ClassWeights
{
    public const float Balanced = -1;

    /// <param name="configured">0 and 1: all rows alike; -1: both classes alike.</param>
    /// <param name="positives">Sum of the labels of the training rows.</param>
    public static float OfPositives(float configured, double positives, int rows) =>
        configured == 0 ? 1
        : configured != Balanced ? configured
        : positives <= 0 || positives >= rows ? 1
        : (float)((rows - positives) / positives);
}
