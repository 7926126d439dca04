using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// The newest of several planned looks, by O'Brien and Fleming's spending: what |z| must reach there, and the smallest level at which
/// it would have been reached (repeated p-value: Jennison and Turnbull 2000, section 9.3).
/// </summary>
public sealed class PlannedLook
{
    /// <summary>No p is told below it: the integration is not better.</summary>
    private const double Least = 1e-9;

    /// <summary>No p between it and 1 is told.</summary>
    private const double Most = 0.5;

    private const int Points = 32;
    private const int MaxKept = 256;

    private static readonly ConcurrentDictionary<string, PlannedLook> Kept = new(StringComparer.Ordinal);

    private readonly double[] _fractions;
    private readonly ConcurrentDictionary<double, double> _limits = new();
    private readonly Lazy<(double LogAlpha, double Square)[]> _table;

    private PlannedLook(double[] fractions)
    {
        _fractions = fractions;
        _table = new(() => [.. Enumerable.Range(0, Points).Select(Row)]);
    }

    /// <param name="fractions">Share of the planned units at each look so far, rising, above 0 and at most 1.</param>
    public static PlannedLook After(IReadOnlyList<double> fractions)
    {
        if (Kept.Count > MaxKept)
        {
            Kept.Clear();
        }

        var key = string.Join(' ', fractions.Select(f => f.ToString("R", CultureInfo.InvariantCulture)));
        return Kept.GetOrAdd(key, _ => new PlannedLook([.. fractions]));
    }

    public double Limit(double alpha) =>
        _limits.GetOrAdd(alpha, a => GroupSequential.SpendingLimits(Spending.OBrienFleming, _fractions, a)[^1]);

    /// <summary>Below <paramref name="alpha"/> exactly where |z| reaches its limit; between levels it is interpolated.</summary>
    /// <param name="alpha">The level that decides.</param>
    public double P(double z, double alpha) =>
        Math.Abs(z) >= Limit(alpha)
            ? Math.Min(Interpolated(z * z), alpha * (1 - 1e-9))
            : Math.Max(Interpolated(z * z), alpha);

    /// <summary>The square of a limit is nearly linear in the logarithm of the level.</summary>
    private double Interpolated(double square)
    {
        var table = _table.Value;
        if (square <= table[^1].Square)
        {
            return 1;
        }

        var i = 0;
        while (square < table[i].Square)
        {
            i++;
        }

        if (i == 0)
        {
            return Least;
        }

        var (low, high) = (table[i - 1], table[i]);
        var part = (square - high.Square) / (low.Square - high.Square);
        return Math.Exp(high.LogAlpha + part * (low.LogAlpha - high.LogAlpha));
    }

    private (double LogAlpha, double Square) Row(int i)
    {
        var log = Math.Log(Least) + (Math.Log(Most) - Math.Log(Least)) * i / (Points - 1);
        var limit = Limit(Math.Exp(log));
        return (log, limit * limit);
    }
}
