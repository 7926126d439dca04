using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Drift;

/// <summary>
/// Population stability index of a feature: the symmetric divergence sum (q - p) ln(q / p) of newer shares q from
/// reference shares p over the reference's deciles (Siddiqi, Credit Risk Scorecards, 2006).
/// </summary>
public sealed class PopulationStability
{
    public const double WarningIndex = 0.1;
    public const double DriftIndex = 0.25;

    private const int Bins = 10;
    private const double SmallestShare = 1e-4;

    /// <summary>Inner decile borders, ascending; equal ones leave a bin empty.</summary>
    private readonly ImmutableArray<double> _borders;
    private readonly ImmutableArray<double> _reference;

    /// <param name="reference">At least 100 finite values, in any order.</param>
    public PopulationStability(IReadOnlyCollection<double> reference)
    {
        if (reference.Count < 100)
        {
            throw new ArgumentOutOfRangeException(nameof(reference), reference.Count, "must be at least 100 values");
        }

        var sorted = reference.Order().ToArray();
        if (!double.IsFinite(sorted[0]) || !double.IsFinite(sorted[^1]))
        {
            throw new ArgumentException("must hold finite values only", nameof(reference));
        }

        _borders = [.. Enumerable.Range(1, Bins - 1).Select(i => sorted[(int)((long)i * sorted.Length / Bins)])];
        _reference = Shares(sorted);
    }

    /// <summary>0 for equal shares; NaN values are not counted. At least one value is needed.</summary>
    public double Index(IReadOnlyCollection<double> newer)
    {
        var shares = Shares(newer.Where(v => !double.IsNaN(v)).ToArray());
        return _reference.Zip(shares, (p, q) => (q - p) * Math.Log(q / p)).Sum();
    }

    public static DriftLevel LevelOf(double index) =>
        index >= DriftIndex ? DriftLevel.Drift
        : index >= WarningIndex ? DriftLevel.Warning
        : DriftLevel.None;

    /// <summary>An empty bin counts as a hundredth of a percent, so that it does not make the index infinite.</summary>
    private ImmutableArray<double> Shares(double[] values)
    {
        if (values.Length == 0)
        {
            throw new ArgumentException("must hold at least one value", nameof(values));
        }

        var counts = new int[Bins];
        foreach (var value in values)
        {
            counts[_borders.Count(b => value >= b)]++;
        }

        return [.. counts.Select(c => Math.Max((double)c / values.Length, SmallestShare))];
    }
}
