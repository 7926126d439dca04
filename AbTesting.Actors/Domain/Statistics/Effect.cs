using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// How far a treatment's metric is from the control's, and how well that is known. Every test that follows needs no more
/// than this, so means, rates, ratios, CUPED-adjusted and clustered metrics all go the same way.
/// </summary>
/// <param name="Value">Treatment minus control; relative effects: divided by the control.</param>
/// <param name="Variance">Of <paramref name="Value"/>, not of a unit.</param>
/// <param name="DegreesOfFreedom">Of the variance; infinite for a known one.</param>
/// <param name="Units">In both arms.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Effect(double Value, double Variance, double DegreesOfFreedom, double Units)
{
    public double StandardError => Math.Sqrt(Variance);

    /// <summary>Nothing can be said: an arm is empty, or nothing varies at all.</summary>
    public bool IsUndefined => !(Variance > 0) || !double.IsFinite(Value);

    /// <summary>
    /// B - A, unequal variances (Welch 1947, Satterthwaite 1946). Where units differ between the arms alone, as in none of
    /// 60 against all of 60, the variance is what it would be without an effect: that of all units together.
    /// </summary>
    public static Effect Absolute(Moments a, Moments b) =>
        VaryOnlyBetween(a, b)
            ? new Effect(b.Mean - a.Mean, Together(a, b), a.Count + b.Count - 2, a.Count + b.Count)
            : new Effect(b.Mean - a.Mean, PerUnit(a) + PerUnit(b), Satterthwaite(a, b), a.Count + b.Count);

    /// <summary>
    /// B - A, with the variance there would be without an effect, that of all units together, where it is the larger: an arm in which
    /// little has happened yet is not taken for exactly known.
    /// </summary>
    public static Effect Cautious(Moments a, Moments b)
    {
        var effect = Absolute(a, b);
        var together = Together(a, b);
        return together > effect.Variance
            ? effect with
            {
                Variance = together,
                DegreesOfFreedom = a.Count + b.Count - 2,
            }
            : effect;
    }

    /// <summary>(B - A) / |A| by the delta method.</summary>
    public static Effect Relative(Moments a, Moments b)
    {
        if (VaryOnlyBetween(a, b))
        {
            var difference = Absolute(a, b);
            var mean = Math.Abs(a.Mean);
            return difference with { Value = difference.Value / mean, Variance = difference.Variance / (mean * mean) };
        }

        var square = a.Mean * a.Mean;
        var variance = PerUnit(b) / square + PerUnit(a) * b.Mean * b.Mean / (square * square);
        return new Effect((b.Mean - a.Mean) / Math.Abs(a.Mean), variance, Satterthwaite(a, b), a.Count + b.Count);
    }

    /// <summary>B - A, one variance for both (Student 1908).</summary>
    public static Effect Pooled(Moments a, Moments b)
    {
        var df = a.Count + b.Count - 2;
        var variance = (a.M2 + b.M2) / df;
        return new Effect(b.Mean - a.Mean, variance * (1 / a.Count + 1 / b.Count), df, a.Count + b.Count);
    }

    /// <summary>
    /// (B - A) / |A| as far as a difference within <paramref name="reach"/> standard errors of the one seen is not refuted (Fieller
    /// 1954). It excludes 0 exactly where the difference's interval does; unbounded while the control's mean may be 0.
    /// </summary>
    /// <param name="reach">Quantile, in standard errors.</param>
    /// <param name="effect">The difference, whose variance holds at a lift of 0.</param>
    public static Interval Fieller(Moments a, Moments b, Effect effect, double reach)
    {
        // (B - RA)² = reach² (var B + R² var A), with both variances scaled to add up to the effect's.
        var scale = effect.Variance / (PerUnit(a) + PerUnit(b));
        var (va, vb) = double.IsFinite(scale)
            ? (PerUnit(a) * scale, PerUnit(b) * scale)
            : (effect.Variance / 2, effect.Variance / 2);
        var q = reach * reach;
        var (first, half, last) = (a.Mean * a.Mean - q * va, a.Mean * b.Mean, b.Mean * b.Mean - q * vb);
        var root = half * half - first * last;
        if (!(first > 0) || !(root >= 0))
        {
            return Interval.Everything;
        }

        var (low, high) = ((half - Math.Sqrt(root)) / first, (half + Math.Sqrt(root)) / first);
        return a.Mean > 0 ? new Interval(low - 1, high - 1) : new Interval(1 - high, 1 - low);
    }

    /// <summary>Cohen 1988: the difference in pooled standard deviations, B - A.</summary>
    public static double CohenD(Moments a, Moments b) =>
        (b.Mean - a.Mean) / Math.Sqrt((a.M2 + b.M2) / (a.Count + b.Count - 2));

    private static bool VaryOnlyBetween(Moments a, Moments b) =>
        a.M2 + b.M2 == 0 && a.Mean != b.Mean && a.Count >= 2 && b.Count >= 2;

    private static double Together(Moments a, Moments b) => a.Merge(b).Variance * (1 / a.Count + 1 / b.Count);

    private static double PerUnit(Moments m) => m.Count == 0 ? double.PositiveInfinity : m.Variance / m.Count;

    private static double Satterthwaite(Moments a, Moments b)
    {
        var (va, vb) = (PerUnit(a), PerUnit(b));
        return (va + vb) * (va + vb) / (va * va / (a.Count - 1) + vb * vb / (b.Count - 1));
    }
}
