using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Tails of test statistics when there is an effect: what power is made of.</summary>
public static class Noncentral
{
    /// <summary>P(T > t), T noncentral t: a normal around <paramref name="shift"/> over an independent √(χ²/df).</summary>
    public static double Student(double df, double shift, double t)
    {
        // The scale √(χ²/df) is near 1 with standard deviation 1/√(2 df); eleven of them leave nothing out.
        var width = 11 / Math.Sqrt(2 * df);
        var (low, high) = (Math.Max(0, 1 - width), 1 + width);
        return GaussLegendreRule.Integrate(
            w => w <= 0 ? 0 : Tails.Normal(t * w - shift) * 2 * df * w * ChiSquared.PDF(df, df * w * w),
            low,
            high,
            256
        );
    }

    /// <summary>P(X > x), X noncentral chi-square: a Poisson mixture of central ones.</summary>
    public static double ChiSquare(double df, double shift, double x)
    {
        var half = shift / 2;
        var terms = half + 12 * Math.Sqrt(half + 1) + 20;
        var sum = 0.0;
        for (var j = 0; j < terms; j++)
        {
            var weight = Math.Exp(-half + (j == 0 ? 0 : j * Math.Log(half)) - SpecialFunctions.GammaLn(j + 1.0));
            sum += weight * Tails.ChiSquare(df + 2 * j, x);
        }

        return sum;
    }
}
