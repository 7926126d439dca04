using MathNet.Numerics;
using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Did the arms get the shares they were promised? If not, who is in which arm depends on something else, and no
/// comparison can be trusted (Fabijan et al. 2019).
/// </summary>
public static class SampleRatio
{
    /// <summary>Warn below it.</summary>
    public const double Suspicious = 0.01;

    /// <summary>Block the verdict below it.</summary>
    public const double Broken = 0.001;

    /// <summary>
    /// Chi-square for one look. An arm that was promised nothing is left out; an arm that was promised a share and got
    /// no unit is not. With fewer than two arms p is 1.
    /// </summary>
    /// <param name="shares">Need not add up to 1.</param>
    public static ChiSquareTest ChiSquare(ReadOnlySpan<long> units, ReadOnlySpan<double> shares)
    {
        var (n, promised, arms) = Sums(units, shares);
        if (arms < 2 || n == 0)
        {
            return new ChiSquareTest(0, 1, Math.Max(0, arms - 1));
        }

        var statistic = 0.0;
        for (var i = 0; i < units.Length; i++)
        {
            if (shares[i] > 0)
            {
                var expected = n * shares[i] / promised;
                statistic += (units[i] - expected) * (units[i] - expected) / expected;
            }
        }

        return new ChiSquareTest(statistic, Tails.ChiSquare(arms - 1, statistic), arms - 1);
    }

    /// <summary>
    /// Logarithm of the evidence against the promised shares, for any number of looks: a Dirichlet-multinomial Bayes
    /// factor (Lindon and Malek 2022). Its prior holds as many pseudo-units per arm as <paramref name="prior"/>.
    /// </summary>
    public static double LogBayesFactor(ReadOnlySpan<long> units, ReadOnlySpan<double> shares, double prior = 1) =>
        LogBayesFactor(units, shares, _ => prior);

    /// <summary>The same with as many pseudo-units for each arm as its promised share asks for.</summary>
    internal static double LogBayesFactor(
        ReadOnlySpan<long> units,
        ReadOnlySpan<double> shares,
        Func<double, double> priorOf
    )
    {
        var (n, promised, arms) = Sums(units, shares);
        if (arms < 2)
        {
            return 0;
        }

        var (log, priors) = (0.0, 0.0);
        for (var i = 0; i < units.Length; i++)
        {
            if (shares[i] > 0)
            {
                var share = shares[i] / promised;
                var prior = priorOf(share);
                priors += prior;
                log +=
                    SpecialFunctions.GammaLn(prior + units[i])
                    - SpecialFunctions.GammaLn(prior)
                    - units[i] * Math.Log(share);
            }
        }

        return log + SpecialFunctions.GammaLn(priors) - SpecialFunctions.GammaLn(priors + n);
    }

    /// <summary>Anytime-valid p from the largest evidence any look has seen.</summary>
    public static double AnytimeP(double largestLogBayesFactor) => EValue.P(largestLogBayesFactor);

    private static (double Units, double Shares, int Arms) Sums(ReadOnlySpan<long> units, ReadOnlySpan<double> shares)
    {
        var (n, promised, arms) = (0.0, 0.0, 0);
        for (var i = 0; i < units.Length; i++)
        {
            if (shares[i] > 0)
            {
                n += units[i];
                promised += shares[i];
                arms++;
            }
        }

        return (n, promised, arms);
    }
}
