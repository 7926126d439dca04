using System.Runtime.InteropServices;
using MathNet.Numerics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Do the means of several arms differ at all? (Fisher 1925; one way, one variance for all.)</summary>
/// <param name="Between">Degrees of freedom of the arms.</param>
/// <param name="Within">Degrees of freedom of the units.</param>
/// <param name="P">1 where nothing varies.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnalysisOfVariance(double F, double P, double Between, double Within)
{
    /// <param name="arms">At least two, of one unit each at least.</param>
    public static AnalysisOfVariance Of(ReadOnlySpan<Moments> arms)
    {
        var (all, within) = (default(Moments), 0.0);
        foreach (var arm in arms)
        {
            all = all.Merge(arm);
            within += arm.M2;
        }

        var (between, df1, df2) = (0.0, arms.Length - 1.0, all.Count - arms.Length);
        foreach (var arm in arms)
        {
            between += arm.Count * (arm.Mean - all.Mean) * (arm.Mean - all.Mean);
        }

        if (!(within > 0) || df1 < 1 || df2 < 1)
        {
            return new AnalysisOfVariance(0, 1, Math.Max(0, df1), Math.Max(0, df2));
        }

        var f = between / df1 / (within / df2);
        // The upper tail by the other end of the beta distribution: small ones keep their digits.
        return new AnalysisOfVariance(
            f,
            SpecialFunctions.BetaRegularized(df2 / 2, df1 / 2, df2 / (df2 + df1 * f)),
            df1,
            df2
        );
    }
}
