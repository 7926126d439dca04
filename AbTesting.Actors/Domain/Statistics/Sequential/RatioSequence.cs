namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>
/// An arm beside the control on the scale of the ratio of their means, for rates, counts and other values that are never below
/// 0. It may be looked at after every unit, at any split: the variance is that of all units together under the null (the score
/// form, Miettinen and Nurminen 1985), so that an arm in which nothing has happened yet is not taken for exactly known.
/// </summary>
/// <param name="isRate">Every value is 0 or 1: the variance follows from the rate.</param>
public sealed class RatioSequence(ArmSums control, ArmSums arm, bool isRate, Tuning tuning)
{
    /// <summary>A side without any event: its ratio is beyond every other.</summary>
    private const double Beyond = 40;
    private const double JustOff = 1e-9;

    private double N => control.Units + arm.Units;

    private bool HasBoth => control.Units > 0 && arm.Units > 0 && N > 1;

    /// <summary>z and information under the null that the arm's mean is exp(<paramref name="logRatio"/>) times the control's.</summary>
    public (double Z, double R) Score(double logRatio) =>
        !HasBoth ? (0, 0)
        : isRate ? OfRate(Math.Exp(logRatio))
        : OfMean(logRatio);

    /// <summary>Logarithm of the evidence for some difference.</summary>
    public double LogE() => LogE(0);

    /// <summary>For the arm being above the control times exp(<paramref name="logRatio"/>).</summary>
    public double LogAbove(double logRatio = 0)
    {
        var (z, r) = Score(logRatio);
        return EValue.LogAbove(z, r);
    }

    public double LogBelow(double logRatio = 0)
    {
        var (z, r) = Score(logRatio);
        return EValue.LogAbove(-z, r);
    }

    /// <summary>Ratios of the means that this look does not refute at <paramref name="alpha"/>; 0 and infinite where nothing is known.</summary>
    public Interval Ratio(double alpha)
    {
        var enough = Math.Log(1 / alpha);
        var (low, high) = LogRatio(theta => LogE(theta) >= enough);
        return new Interval(Math.Exp(low), Math.Exp(high));
    }

    private double LogE(double logRatio)
    {
        var (z, r) = Score(logRatio);
        return EValue.LogTwoSided(z, r);
    }

    private (double Low, double High) LogRatio(Func<double, bool> isRefuted)
    {
        var isNullRefuted = HasBoth && isRefuted(0);
        var estimate =
            !HasBoth ? 0
            : control.Sum <= 0 ? (isNullRefuted ? Beyond : JustOff)
            : arm.Sum <= 0 ? (isNullRefuted ? -Beyond : -JustOff)
            : Math.Log(arm.Mean / control.Mean);
        return !isNullRefuted
                ? (
                    Search.Outwards(isRefuted, Math.Min(0, estimate), -1),
                    Search.Outwards(isRefuted, Math.Max(0, estimate), 1)
                )
            : estimate > 0 ? (Search.Between(isRefuted, estimate, 0), Search.Outwards(isRefuted, estimate, 1))
            : (Search.Outwards(isRefuted, estimate, -1), Search.Between(isRefuted, estimate, 0));
    }

    private (double Z, double R) OfRate(double ratio)
    {
        var pooled = (control.Sum + arm.Sum) / N;
        var p0 = Math.Min(Math.Min((control.Sum + arm.Sum) / (control.Units + arm.Units * ratio), 1), 1 / ratio);
        var p1 = Math.Min(1, p0 * ratio);
        var variance = (p0 * (1 - p0) / control.Units + p1 * (1 - p1) / (ratio * ratio * arm.Units)) * N / (N - 1);
        return (
            variance > 0 ? (arm.Mean / ratio - control.Mean) / Math.Sqrt(variance) : 0,
            tuning.Information(control.Units, arm.Units, pooled, pooled * (1 - pooled))
        );
    }

    private (double Z, double R) OfMean(double logRatio)
    {
        var g = Math.Exp(-logRatio);
        var (mean, unit) = Together(g);
        var (mean1, unit1) = Together(1);
        // Where the scaled arm hardly varies, the spread that all units have per event still holds.
        var common = (control.Sum + arm.Sum) / (control.Units + arm.Units / g);
        var variance = Math.Max(
            unit * (1 / control.Units + 1 / arm.Units),
            unit1 / mean1 * common * (1 / control.Units + g / arm.Units)
        );
        return unit > 0 && variance > 0
            ? (
                (arm.Mean * g - control.Mean) / Math.Sqrt(variance),
                tuning.Information(control.Units, arm.Units, mean, unit)
            )
            : (0, 0);
    }

    /// <summary>Mean and variance of all units, the arm's values times <paramref name="g"/>.</summary>
    private (double Mean, double Variance) Together(double g)
    {
        var mean = (control.Sum + arm.Sum * g) / N;
        return (mean, Math.Max(0, (control.Squares + arm.Squares * g * g - N * mean * mean) / (N - 1)));
    }
}
