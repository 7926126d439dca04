namespace Ralm.Drift.Detectors;

/// <summary>Page's sum: excesses add up, and never below 0 (Page 1954).</summary>
internal static class RunningSum
{
    /// <param name="kept">Share of the sum that is kept, 0 to 1.</param>
    public static double Add(double sum, double excess, double kept = 1) => Math.Max(0, kept * sum + excess);
}
