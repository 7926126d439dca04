using System.Runtime.InteropServices;
using Ralm.Ranking.Statistics;

namespace Ralm.Drift.Features;

/// <summary>
/// Do newer counts come from the distribution of the reference's? Two numbers answer: how large the difference is, by
/// the population stability index Σ(q - p) ln(q / p) (Siddiqi, Credit Risk Scorecards, 2006), and how sure it is.
/// </summary>
/// <remarks>
/// The index alone says "drift" of nearly every small sample: without any drift it is about (1/n + 1/m) times a chi-square of
/// bins - 1 degrees of freedom, n and m the rows of both (Yurdakul, Statistical Properties of Population Stability Index,
/// Western Michigan University 2018). So its fixed limits mean something only beside a test. The test here is
/// Pearson's of homogeneity, which the index equals in the limit and which keeps its level with fewer rows; bins that would
/// have fewer than 5 of the newer rows are taken together (Cochran, Biometrics 1954).
/// </remarks>
/// <param name="Index">0 or more. Every bin has half a row added, so that an empty one does not decide alone.</param>
/// <param name="Statistic">Pearson's chi-square.</param>
/// <param name="Bins">That were left to compare; with 1 nothing can be said.</param>
/// <param name="PValue">1 where nothing can be said.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ShareTest(double Index, double Statistic, int Bins, double PValue)
{
    public const double WarningIndex = 0.1;
    public const double DriftIndex = 0.25;

    /// <summary>Newer rows below which nothing is said.</summary>
    public const int DefaultLeastSample = 100;

    private const double LeastExpected = 5;

    private static readonly ShareTest NothingToSay = new(0, 0, 1, 1);

    /// <param name="reference">Rows in each bin, 0 or more.</param>
    /// <param name="newer">Rows in the same bins.</param>
    /// <exception cref="ArgumentException">Not the same number of bins.</exception>
    public static ShareTest Of(ReadOnlySpan<long> reference, ReadOnlySpan<long> newer)
    {
        if (reference.Length != newer.Length)
        {
            throw new ArgumentException($"{reference.Length} and {newer.Length} bins", nameof(newer));
        }

        var (m, n) = (Sum(reference), Sum(newer));
        if (m == 0 || n == 0)
        {
            return NothingToSay;
        }

        var bins = Merged(reference, newer, LeastExpected * (m + n) / Math.Min(m, n));
        var (index, statistic) = (0.0, 0.0);
        foreach (var (old, now) in bins)
        {
            var p = (old + 0.5) / (m + bins.Count / 2.0);
            var q = (now + 0.5) / (n + bins.Count / 2.0);
            index += (q - p) * Math.Log(q / p);
            var expected = (double)(old + now) * n / (m + n);
            var off = now - expected;
            statistic += off * off / expected * (m + n) / m;
        }

        return bins.Count < 2
            ? NothingToSay
            : new ShareTest(index, statistic, bins.Count, Tails.ChiSquare(bins.Count - 1, statistic));
    }

    /// <param name="p">The p-value, corrected for the other columns that are tested.</param>
    /// <param name="alpha">Chance of an alarm without drift.</param>
    public DriftLevel Level(double p, double alpha) =>
        p >= alpha ? DriftLevel.None
        : Index >= DriftIndex ? DriftLevel.Drift
        : Index >= WarningIndex ? DriftLevel.Warning
        : DriftLevel.None;

    /// <summary>Bins of at least so many rows of both together; smaller ones are one, with the next larger ones if need be.</summary>
    private static List<(long Old, long Now)> Merged(
        ReadOnlySpan<long> reference,
        ReadOnlySpan<long> newer,
        double least
    )
    {
        List<(long Old, long Now)> bins = [];
        for (var bin = 0; bin < reference.Length; bin++)
        {
            bins.Add((reference[bin], newer[bin]));
        }

        // By both counts together alone: what is merged must not depend on where the rows came from.
        bins = [.. bins.Where(b => b.Old + b.Now > 0).OrderBy(b => b.Old + b.Now)];
        while (bins.Count > 1 && bins[0].Old + bins[0].Now < least)
        {
            bins[1] = (bins[0].Old + bins[1].Old, bins[0].Now + bins[1].Now);
            bins.RemoveAt(0);
        }

        return bins;
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        var sum = 0L;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
