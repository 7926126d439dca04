namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>Where the differences of <see cref="AdditiveSequence"/> come from.</summary>
public static class AdditiveSequences
{
    /// <summary>Below this share of the metric's own variance what the adjustment leaves is rounding.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// Sum of numerators over sum of denominators, by linearisation (Deng, Knoblich, Lu 2018); numerator Y, denominator X.
    /// Undefined (no information) while an arm's denominators add up to 0.
    /// </summary>
    public static AdditiveSequence Ratio(PairMoments control, PairMoments arm, Tuning tuning)
    {
        var (d0, d1) = (control.X.Sum, arm.X.Sum);
        if (!(d0 > 0) || !(d1 > 0))
        {
            return default;
        }

        var (n0, n1) = (control.Count, arm.Count);
        var (n, d) = (n0 + n1, d0 + d1);
        var ratio = (control.Y.Sum + arm.Y.Sum) / d;
        var residual = Residual(control, ratio) + Residual(arm, ratio);
        var each = 1 / n0 + 1 / n1;
        var nullVariance = Math.Max(
            residual * n0 * n1 / (n * n) / Square(d0 * d1 / d),
            residual / d * (1 / d0 + 1 / d1)
        );
        return new AdditiveSequence(
            arm.Y.Sum / d1 - control.Y.Sum / d0,
            nullVariance,
            Own(control) + Own(arm),
            tuning.Information(n0, n1, ratio, nullVariance / each)
        );
    }

    /// <summary>
    /// A mean less what the units' past predicts (Deng et al. 2013); metric Y, past X. The slope is taken within the arms, so that
    /// an effect is never taken for a past.
    /// </summary>
    public static AdditiveSequence Adjusted(PairMoments control, PairMoments arm, Tuning tuning)
    {
        var (n0, n1) = (control.Count, arm.Count);
        var n = n0 + n1;
        if (n0 < 1 || n1 < 1 || n < 3)
        {
            return default;
        }

        var past = control.X.M2 + arm.X.M2;
        var theta = past > 0 ? (control.Cross + arm.Cross) / past : 0;
        var difference = arm.Y.Mean - control.Y.Mean - theta * (arm.X.Mean - control.X.Mean);
        var (left0, left1) = (Left(control, theta), Left(arm, theta));
        var variance = (left0 + left1 + n0 * n1 / n * difference * difference) / (n - 1);
        var all = control.Y.Merge(arm.Y);
        if (!(variance > Rounding * all.Variance))
        {
            return default;
        }

        return new AdditiveSequence(
            difference,
            variance * (1 / n0 + 1 / n1),
            (n0 > 1 ? left0 / (n0 - 1) / n0 : variance / n0) + (n1 > 1 ? left1 / (n1 - 1) / n1 : variance / n1),
            tuning.Information(n0, n1, all.Mean, variance)
        );
    }

    /// <summary>
    /// Means of values of either sign: Y, and by X how far a value is below 0, so that the cap on plausible effects knows their size.
    /// </summary>
    public static AdditiveSequence Signed(PairMoments control, PairMoments arm, Tuning tuning)
    {
        var (n0, n1) = (control.Count, arm.Count);
        if (n0 < 1 || n1 < 1 || n0 + n1 < 3)
        {
            return default;
        }

        var (all, below) = (control.Y.Merge(arm.Y), control.X.Merge(arm.X));
        var variance = all.Variance;
        return new AdditiveSequence(
            arm.Y.Mean - control.Y.Mean,
            variance * (1 / n0 + 1 / n1),
            (n0 > 1 ? control.Y.Variance : variance) / n0 + (n1 > 1 ? arm.Y.Variance : variance) / n1,
            tuning.Information(n0, n1, all.Mean + 2 * below.Mean, variance)
        );
    }

    private static double Left(PairMoments m, double theta) =>
        Math.Max(0, m.Y.M2 - 2 * theta * m.Cross + theta * theta * m.X.M2);

    /// <summary>Σ(y - Rx)², not centred: under the null its mean is 0.</summary>
    private static double Residual(PairMoments m, double ratio)
    {
        var mean = m.Y.Mean - ratio * m.X.Mean;
        return Math.Max(0, m.Y.M2 - 2 * ratio * m.Cross + ratio * ratio * m.X.M2) + m.Count * mean * mean;
    }

    private static double Own(PairMoments m) =>
        m.Count < 2 ? double.PositiveInfinity : m.Ratio.M2 / (m.Count * m.Count);

    private static double Square(double x) => x * x;
}
