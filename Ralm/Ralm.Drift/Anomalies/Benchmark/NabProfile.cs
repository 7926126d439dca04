namespace Ralm.Drift.Anomalies.Benchmark;

/// <summary>What a hit, a miss and a false alarm cost (Lavin and Ahmad, ICMLA 2015); true negatives earn nothing.</summary>
/// <param name="TruePositive">Of a window that was found at its very beginning.</param>
/// <param name="FalseNegative">Of a window that was missed, subtracted.</param>
/// <param name="FalsePositive">Of an alarm far from every window, subtracted.</param>
public sealed record NabProfile(double TruePositive, double FalseNegative, double FalsePositive)
{
    public static readonly NabProfile Standard = new(1, 1, 0.11);

    public static readonly NabProfile RewardLowFalsePositives = new(1, 1, 0.22);

    public static readonly NabProfile RewardLowFalseNegatives = new(1, 2, 0.11);
}
