using MathNet.Numerics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Fisher 1922, conditional on both margins: for tables too small for a chi-square (Cochran 1954).</summary>
public static class FisherExact
{
    /// <summary>Tables as probable as the observed one count as such in spite of rounding.</summary>
    private const double RelativeTolerance = 1e-7;

    /// <summary>Two-sided: the sum over all tables [[x, .], [., .]] no more probable than [[a, b], [c, d]].</summary>
    public static double TwoSided(long a, long b, long c, long d)
    {
        var (low, high) = Range(a, b, c, d);
        var limit = Log(a, b, c, d, a) + RelativeTolerance;
        var p = 0.0;
        for (var x = low; x <= high; x++)
        {
            var log = Log(a, b, c, d, x);
            p += log <= limit ? Math.Exp(log) : 0;
        }

        return Math.Min(1, p);
    }

    /// <summary>One-sided: the probability of <paramref name="a"/> or fewer.</summary>
    public static double Less(long a, long b, long c, long d) => Sum(a, b, c, d, Range(a, b, c, d).Low, a);

    /// <summary>One-sided: the probability of <paramref name="a"/> or more.</summary>
    public static double Greater(long a, long b, long c, long d) => Sum(a, b, c, d, a, Range(a, b, c, d).High);

    private static (long Low, long High) Range(long a, long b, long c, long d) =>
        (Math.Max(0, a - d), Math.Min(a + b, a + c));

    private static double Sum(long a, long b, long c, long d, long from, long to)
    {
        var p = 0.0;
        for (var x = from; x <= to; x++)
        {
            p += Math.Exp(Log(a, b, c, d, x));
        }

        return Math.Min(1, p);
    }

    /// <summary>Hypergeometric: x in the first cell, given the margins of [[a, b], [c, d]].</summary>
    private static double Log(long a, long b, long c, long d, long x) =>
        Choose(a + b, x) + Choose(c + d, a + c - x) - Choose(a + b + c + d, a + c);

    private static double Choose(long n, long k) =>
        SpecialFunctions.GammaLn(n + 1.0) - SpecialFunctions.GammaLn(k + 1.0) - SpecialFunctions.GammaLn(n - k + 1.0);
}
