using System.Collections.Immutable;

namespace Ralm.Ranking.Statistics;

/// <summary>p-values of a family of comparisons, adjusted so that each can be held against the family's level.</summary>
public static class Multiplicity
{
    /// <summary>Holm 1979: bounds the chance of any false claim. In the order given.</summary>
    public static ImmutableArray<double> Holm(ReadOnlySpan<double> p)
    {
        var (order, adjusted) = (Ascending(p), new double[p.Length]);
        var running = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            running = Math.Max(running, Math.Min(1, p[order[i]] * (p.Length - i)));
            adjusted[order[i]] = running;
        }

        return [.. adjusted];
    }

    /// <summary>Benjamini and Hochberg 1995: bounds the share of false claims among the claims. In the order given.</summary>
    public static ImmutableArray<double> BenjaminiHochberg(ReadOnlySpan<double> p)
    {
        var (order, adjusted) = (Ascending(p), new double[p.Length]);
        var running = 1.0;
        for (var i = order.Length - 1; i >= 0; i--)
        {
            running = Math.Min(running, p[order[i]] * p.Length / (i + 1));
            adjusted[order[i]] = running;
        }

        return [.. adjusted];
    }

    private static int[] Ascending(ReadOnlySpan<double> p)
    {
        var (keys, order) = (p.ToArray(), Enumerable.Range(0, p.Length).ToArray());
        Array.Sort(keys, order);
        return order;
    }
}
