using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>
/// A difference on its own scale, to be looked at after every unit: ratios of sums, and what is adjusted by what units did before.
/// Not for heavy tails: no interval for the mean of an unbounded value covers in finite samples.
/// </summary>
/// <param name="Difference">Arm less control.</param>
/// <param name="NullVariance">Of the difference, if there is no effect: all units together.</param>
/// <param name="ArmVariance">Of the difference, each arm by its own.</param>
/// <param name="R">Information, see <see cref="Tuning.Information"/>.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AdditiveSequence(double Difference, double NullVariance, double ArmVariance, double R)
{
    /// <summary>In standard errors under the null; 0 where nothing varies.</summary>
    public double Z => NullVariance > 0 ? Difference / Math.Sqrt(NullVariance) : 0;

    public double LogE() => EValue.LogTwoSided(Z, R);

    /// <summary>For the difference being above <paramref name="null0"/>.</summary>
    public double LogAbove(double null0 = 0) => (this with { Difference = Difference - null0 }).LogAboveNull();

    /// <summary>For the difference being below <paramref name="null0"/>.</summary>
    public double LogBelow(double null0 = 0) => (this with { Difference = null0 - Difference }).LogAboveNull();

    private double LogAboveNull() => EValue.LogAbove(Z, R);

    /// <summary>
    /// Differences that this look does not refute at <paramref name="alpha"/>. The end near 0 excludes 0 exactly where the evidence
    /// does, the far one is as wide as the wider of both variances.
    /// </summary>
    public Interval Ends(double alpha)
    {
        if (!(R > 0) || !(NullVariance > 0))
        {
            return new Interval(double.NegativeInfinity, double.PositiveInfinity);
        }

        var c2 = 2 * (1 + 1 / R) * (Math.Log(1 / alpha) + double.LogP1(R) / 2);
        var size = Math.Abs(Difference);
        var far = size + Math.Sqrt(c2 * Math.Max(NullVariance, ArmVariance));
        var near = size * size >= c2 * NullVariance ? Near(size, c2) : size - Math.Sqrt(c2 * NullVariance);
        return Difference >= 0 ? new Interval(near, far) : new Interval(-far, -near);
    }

    /// <summary>Root x in [0, D] of (D - x)² = c²(V0 + (V1 - V0) x / D).</summary>
    private double Near(double size, double c2)
    {
        var b = -(2 * size + c2 * (ArmVariance - NullVariance) / size);
        var c = size * size - c2 * NullVariance;
        return (-b - Math.Sqrt(b * b - 4 * c)) / 2;
    }
}
