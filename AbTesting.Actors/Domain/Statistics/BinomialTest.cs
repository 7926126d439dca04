using MathNet.Numerics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Exact test of one proportion against a given rate.</summary>
public static class BinomialTest
{
    private const double RelativeTolerance = 1e-7;

    /// <summary>P(X ≤ successes).</summary>
    public static double Less(Proportion observed, double rate) =>
        observed.Successes == observed.Trials
            ? 1
            : SpecialFunctions.BetaRegularized(observed.Trials - observed.Successes, observed.Successes + 1, 1 - rate);

    /// <summary>P(X ≥ successes).</summary>
    public static double Greater(Proportion observed, double rate) =>
        observed.Successes == 0
            ? 1
            : SpecialFunctions.BetaRegularized(observed.Successes, observed.Trials - observed.Successes + 1, rate);

    /// <summary>The sum over all outcomes no more probable than the observed one.</summary>
    public static double TwoSided(Proportion observed, double rate)
    {
        var limit = Log(observed.Successes) + RelativeTolerance;
        var p = 0.0;
        for (var x = 0L; x <= observed.Trials; x++)
        {
            var log = Log(x);
            p += log <= limit ? Math.Exp(log) : 0;
        }

        return Math.Min(1, p);

        double Log(long x) =>
            SpecialFunctions.GammaLn(observed.Trials + 1.0)
            - SpecialFunctions.GammaLn(x + 1.0)
            - SpecialFunctions.GammaLn(observed.Trials - x + 1.0)
            + x * Math.Log(rate)
            + (observed.Trials - x) * Math.Log(1 - rate);
    }
}
