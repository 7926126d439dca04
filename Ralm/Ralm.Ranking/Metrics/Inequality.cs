namespace Ralm.Ranking.Metrics;

/// <summary>How unequally something is shared out.</summary>
public static class Inequality
{
    /// <summary>Gini 1912: 0 when all have the same, towards 1 when one has all; NaN when there is nothing.</summary>
    /// <param name="shares">Not negative; sorted in place.</param>
    public static double Gini(Span<double> shares)
    {
        shares.Sort();
        double sum = 0;
        double ranked = 0;
        for (var i = 0; i < shares.Length; i++)
        {
            sum += shares[i];
            ranked += ((2.0 * (i + 1)) - shares.Length - 1) * shares[i];
        }

        return sum > 0 ? ranked / (shares.Length * sum) : double.NaN;
    }
}
