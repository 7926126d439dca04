namespace Ralm.Drift.Anomalies;

/// <summary>A spread that may be divided by.</summary>
internal static class Scale
{
    /// <summary>Below this share of the values' size a spread is rounding.</summary>
    private const double Rounding = 1e-9;

    /// <summary>For values that are all 0.</summary>
    private const double Least = 1e-12;

    /// <param name="size">Of the values that the spread is of; its sign does not matter.</param>
    public static double AtLeast(double spread, double size) => spread + Rounding * Math.Abs(size) + Least;
}
