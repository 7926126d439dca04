using MathNet.Numerics.RootFinding;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>How many units a test needs, and what a number of units can show.</summary>
public static class SampleSize
{
    /// <summary>Units per arm to tell two rates apart (Fleiss 1981), not rounded.</summary>
    /// <param name="continuity">For whoever tests with Yates' correction.</param>
    public static double PerArm(double p1, double p2, double alpha, double power, bool continuity = false)
    {
        var mean = (p1 + p2) / 2;
        var delta = Math.Abs(p1 - p2);
        var root =
            Tails.NormalQuantile(alpha / 2) * Math.Sqrt(2 * mean * (1 - mean))
            + Tails.NormalQuantile(1 - power) * Math.Sqrt(p1 * (1 - p1) + p2 * (1 - p2));
        var n = root * root / (delta * delta);
        var grown = 1 + Math.Sqrt(1 + 4 / (n * delta));
        return continuity ? n / 4 * grown * grown : n;
    }

    /// <summary>Units of the first arm for an effect in standard deviations (Cohen's d or h), not rounded.</summary>
    /// <param name="ratio">Second arm over the first.</param>
    public static double ForEffect(double effect, double alpha, double power, double ratio = 1) =>
        Brent.FindRoot(
            logN => Power.Normal(Math.Abs(effect), Math.Exp(logN), alpha, ratio) - power,
            0,
            Math.Log(1e14),
            1e-12,
            500
        ) switch
        {
            var logN => Math.Exp(logN),
        };

    /// <summary>The smallest absolute effect found with <paramref name="power"/>, given its estimate's standard error.</summary>
    public static double DetectableEffect(double standardError, double alpha, double power) =>
        standardError * (Tails.NormalQuantile(alpha / 2) + Tails.NormalQuantile(1 - power));

    /// <summary>
    /// How many times the units there are must come again until <paramref name="target"/> would be found with
    /// <paramref name="power"/>; 0 when they suffice.
    /// </summary>
    /// <param name="undecided">The estimates that would decide nothing, given how well the effect is known then.</param>
    public static double StillNeeded(Effect now, double target, double power, Func<Effect, Interval> undecided)
    {
        const double Most = 1 << 27;
        return At(0) >= power ? 0
            : At(Most) < power ? double.PositiveInfinity
            : Brent.FindRoot(k => At(k) - power, 0, Most, 1e-9, 500);

        double At(double k)
        {
            var then = now with { Variance = now.Variance / (1 + k), Units = now.Units * (1 + k) };
            var (limits, size) = (undecided(then), Math.Abs(target));
            return Tails.Normal((limits.High - size) / then.StandardError)
                + Tails.Normal((size - limits.Low) / then.StandardError);
        }
    }
}
