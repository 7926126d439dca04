using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Comparisons of two samples that look at the order of the values only.</summary>
public static class RankTests
{
    /// <summary>Mann and Whitney 1947: pairs in which the first sample is higher, ties counted half.</summary>
    /// <returns>U of the first sample, and the two-sided normal p with continuity and tie correction.</returns>
    public static (double U, double P) MannWhitney(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (values, first) = (new double[a.Length + b.Length], new bool[a.Length + b.Length]);
        a.CopyTo(values);
        b.CopyTo(values.AsSpan(a.Length));
        first.AsSpan(0, a.Length).Fill(true);
        Array.Sort(values, first);
        var (ranks, ties) = (0.0, 0.0);
        for (var i = 0; i < values.Length; )
        {
            var end = i;
            while (end < values.Length && values[end] == values[i])
            {
                end++;
            }

            double size = end - i;
            ties += size * size * size - size;
            ranks += first.AsSpan(i, end - i).Count(true) * (i + 1 + end) / 2.0;
            i = end;
        }

        double n = values.Length,
            product = (double)a.Length * b.Length;
        var u = ranks - a.Length * (a.Length + 1.0) / 2;
        var sd = Math.Sqrt(product / 12 * (n + 1 - ties / (n * (n - 1))));
        var z = (Math.Max(u, product - u) - product / 2 - 0.5) / sd;
        return (u, sd == 0 ? 1 : Math.Min(1, 2 * Tails.Normal(z)));
    }

    /// <summary>Kolmogorov and Smirnov: the largest distance between both empirical distributions, 0 to 1.</summary>
    public static double KolmogorovSmirnov(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var (x, y) = (a.ToArray(), b.ToArray());
        Array.Sort(x);
        Array.Sort(y);
        var (i, j, largest) = (0, 0, 0.0);
        while (i < x.Length && j < y.Length)
        {
            var value = Math.Min(x[i], y[j]);
            while (i < x.Length && x[i] == value)
            {
                i++;
            }

            while (j < y.Length && y[j] == value)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs((double)i / x.Length - (double)j / y.Length));
        }

        return largest;
    }
}
