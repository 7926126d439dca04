using System.Runtime.InteropServices;
using MathNet.Numerics.Distributions;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary><paramref name="Successes"/> out of <paramref name="Trials"/>, and intervals for the rate behind them.</summary>
/// <param name="Trials">At least 1 for every interval and rate.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Proportion(long Successes, long Trials)
{
    public double Rate => (double)Successes / Trials;

    public Moments Moments => Moments.OfProportion(Trials, Successes);

    /// <summary>Wilson 1927: keeps its coverage near 0 and 1.</summary>
    public Interval Wilson(double alpha = 0.05)
    {
        double n = Trials;
        var z = Tails.NormalQuantile(alpha / 2);
        var spread = 1 + z * z / n;
        var middle = (Rate + z * z / (2 * n)) / spread;
        return Clamp(Interval.Around(middle, z / spread * Math.Sqrt(Rate * (1 - Rate) / n + z * z / (4 * n * n))));
    }

    /// <summary>Wald: rate ± z standard errors. For comparison; it covers badly near 0 and 1.</summary>
    public Interval Wald(double alpha = 0.05) =>
        Clamp(Interval.Around(Rate, Tails.NormalQuantile(alpha / 2) * Math.Sqrt(Rate * (1 - Rate) / Trials)));

    /// <summary>Agresti and Coull 1998: Wald after adding z²/2 successes and z²/2 failures.</summary>
    public Interval AgrestiCoull(double alpha = 0.05)
    {
        var z = Tails.NormalQuantile(alpha / 2);
        var n = Trials + z * z;
        var rate = (Successes + z * z / 2) / n;
        return Clamp(Interval.Around(rate, z * Math.Sqrt(rate * (1 - rate) / n)));
    }

    /// <summary>Clopper and Pearson 1934, "exact": never covers less than it says.</summary>
    public Interval ClopperPearson(double alpha = 0.05) =>
        new(
            Successes == 0 ? 0 : BetaQuantile(Successes, Trials - Successes + 1, alpha / 2),
            Successes == Trials ? 1 : BetaQuantile(Successes + 1, Trials - Successes, 1 - alpha / 2)
        );

    /// <summary>Quantiles of the posterior under Jeffreys' prior Beta(1/2, 1/2).</summary>
    public Interval Jeffreys(double alpha = 0.05) =>
        new(
            BetaQuantile(Successes + 0.5, Trials - Successes + 0.5, alpha / 2),
            BetaQuantile(Successes + 0.5, Trials - Successes + 0.5, 1 - alpha / 2)
        );

    private static Interval Clamp(Interval i) => new(Math.Max(0, i.Low), Math.Min(1, i.High));

    private static double BetaQuantile(double a, double b, double p) => Beta.InvCDF(a, b, p);
}
