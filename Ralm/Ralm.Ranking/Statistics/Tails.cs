using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Ralm.Ranking.Statistics;

/// <summary>
/// Upper tail probabilities that stay accurate where they are small: 1 - CDF would lose every digit below 1e-16.
/// </summary>
public static class Tails
{
    /// <summary>P(Z > z).</summary>
    public static double Normal(double z) => SpecialFunctions.Erfc(z / Constants.Sqrt2) / 2;

    /// <summary>P(|Z| > |z|).</summary>
    public static double NormalTwoSided(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2);

    /// <summary>z with P(Z > z) = <paramref name="p"/>.</summary>
    public static double NormalQuantile(double p) => Constants.Sqrt2 * SpecialFunctions.ErfcInv(2 * p);

    /// <summary>P(X > x), X chi-square with <paramref name="df"/> degrees of freedom.</summary>
    public static double ChiSquare(double df, double x) =>
        x <= 0 ? 1
        : df == 1 ? SpecialFunctions.Erfc(Math.Sqrt(x / 2))
        : x < df + 1 ? 1 - SpecialFunctions.GammaLowerRegularized(df / 2, x / 2)
        : GammaTail(df / 2, x / 2);

    /// <summary>P(T > t), T Student's with <paramref name="df"/> degrees of freedom.</summary>
    public static double Student(double df, double t)
    {
        var half = SpecialFunctions.BetaRegularized(df / 2, 0.5, df / (df + t * t)) / 2;
        return t >= 0 ? half : 1 - half;
    }

    /// <summary>P(|T| > |t|).</summary>
    public static double StudentTwoSided(double df, double t) =>
        SpecialFunctions.BetaRegularized(df / 2, 0.5, df / (df + t * t));

    /// <summary>t with P(T > t) = <paramref name="p"/>.</summary>
    public static double StudentQuantile(double df, double p) => StudentT.InvCDF(0, 1, df, 1 - p);

    /// <summary>Upper incomplete gamma by Legendre's continued fraction (modified Lentz), with x beyond a.</summary>
    private static double GammaTail(double a, double x)
    {
        const double Tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / Tiny;
        var d = 1 / b;
        var h = d;
        for (var i = 1; i < 10_000; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = an * d + b;
            d = Math.Abs(d) < Tiny ? Tiny : d;
            c = b + an / c;
            c = Math.Abs(c) < Tiny ? Tiny : c;
            d = 1 / d;
            var step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-16)
            {
                break;
            }
        }

        return Math.Exp(-x + a * Math.Log(x) - SpecialFunctions.GammaLn(a)) * h;
    }
}
