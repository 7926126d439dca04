namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>
/// Evidence that units did not get the shares they were promised, exact at any count and at any look: a mixture of
/// Dirichlet-multinomial Bayes factors centred on the design (Lindon and Malek 2022). The evidence of now decides, not the largest there
/// ever was: what has evened out is no mismatch.
/// </summary>
public static class SplitEvidence
{
    private static readonly double[] Concentrations = [10, 100, 1_000, 10_000];

    /// <summary>Logarithm of it. Arms that were promised nothing are left out; with fewer than two others it is 0.</summary>
    /// <param name="shares">Need not add up to 1.</param>
    public static double LogE(ReadOnlySpan<long> units, ReadOnlySpan<double> shares)
    {
        Span<double> logs = stackalloc double[Concentrations.Length];
        for (var k = 0; k < logs.Length; k++)
        {
            var concentration = Concentrations[k];
            logs[k] = SampleRatio.LogBayesFactor(units, shares, share => concentration * share);
        }

        return EValue.LogMean(logs);
    }
}
