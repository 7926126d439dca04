using MathNet.Numerics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Evidence of a standardised effect z against "no effect", by a normal mixture over effects (Robbins 1970; Waudby-Smith et al.,
/// arXiv 2103.06476). Its expectation is at most 1 where there is none, at any look, so 1/α of it is reached with probability α
/// at most. p, side and interval of a comparison all come from it.
/// </summary>
public static class EValue
{
    /// <summary>Logarithm of the evidence for some effect, either way.</summary>
    /// <param name="z">Estimate less the null, in standard errors under the null.</param>
    /// <param name="r">Information: the mixture's variance in squared standard errors, at least 0.</param>
    public static double LogTwoSided(double z, double r) => (z * z * r / (1 + r) - double.LogP1(r)) / 2;

    /// <summary>The |z| from which on the evidence decides at <paramref name="alpha"/>; r above 0.</summary>
    public static double Reach(double r, double alpha) =>
        Math.Sqrt(2 * (1 + 1 / r) * (Math.Log(1 / alpha) + double.LogP1(r) / 2));

    /// <summary>Logarithm of the evidence for an effect above the null: the mixture over its positive half.</summary>
    public static double LogAbove(double z, double r) =>
        Math.Log(SpecialFunctions.Erfc(-z * Math.Sqrt(r / (1 + r)) / Constants.Sqrt2)) + LogTwoSided(z, r);

    /// <summary>Anytime-valid p: the smallest level at which this evidence decides.</summary>
    public static double P(double logE) => Math.Min(1, Math.Exp(-logE));

    /// <summary>Logarithm of the mean of values given by their logarithms, without overflow.</summary>
    public static double LogMean(ReadOnlySpan<double> logs)
    {
        var largest = double.NegativeInfinity;
        foreach (var log in logs)
        {
            largest = Math.Max(largest, log);
        }

        var sum = 0.0;
        foreach (var log in logs)
        {
            sum += Math.Exp(log - largest);
        }

        return largest + Math.Log(sum / logs.Length);
    }
}
