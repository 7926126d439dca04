using System.Collections.Immutable;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Schema;

/// <summary>Equal ranks of a stream of numbers, from a uniform sample of bounded size (Vitter 1985, algorithm R).</summary>
internal sealed class Quantiles
{
    private const int Sample = 65_536;
    private const int Parts = 64;

    private readonly List<double> _kept = [];
    private long _seen;

    public void Add(double x)
    {
        if (_kept.Count < Sample)
        {
            _kept.Add(x);
        }
        else if ((long)(RandomStream.Finish((ulong)_seen) % (ulong)(_seen + 1)) is var place && place < Sample)
        {
            _kept[(int)place] = x;
        }

        _seen++;
    }

    public ImmutableArray<double> Knots()
    {
        var sorted = _kept.Order().ToArray();
        return sorted.Length == 0
            ? [0, 0]
            : [.. Enumerable.Range(0, Parts + 1).Select(k => sorted[(long)k * (sorted.Length - 1) / Parts])];
    }

    /// <summary>-1 to 1; a value that fills several ranks gets the middle of them.</summary>
    public static float Rank(ImmutableArray<double> knots, double value)
    {
        var (below, upTo) = (0, 0);
        foreach (var knot in knots)
        {
            below += knot < value ? 1 : 0;
            upTo += knot <= value ? 1 : 0;
        }

        if (upTo > below)
        {
            return Centred((below + upTo - 1) / 2.0);
        }

        if (below == 0 || below == knots.Length)
        {
            return below == 0 ? -1 : 1;
        }

        var (low, high) = (knots[below - 1], knots[below]);
        return Centred(below - 1 + ((value - low) / (high - low)));

        float Centred(double rank) => (float)((2 * rank / (knots.Length - 1)) - 1);
    }
}
