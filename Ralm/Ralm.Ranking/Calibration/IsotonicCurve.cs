using System.Collections.Immutable;

namespace Ralm.Ranking.Calibration;

/// <summary>
/// Isotonic regression (Zadrozny and Elkan 2002) as a line through the centres of its blocks, in log odds. Beyond the first and
/// the last centre it is all but flat: that far nothing was seen, and the order of scores shall stay all the same.
/// </summary>
/// <param name="LogOdds">Of the points; rising.</param>
/// <param name="Calibrated">What each becomes; rising.</param>
public sealed record IsotonicCurve(ImmutableArray<double> LogOdds, ImmutableArray<double> Calibrated) : ICalibrationMap
{
    /// <summary>Points at most: each block then has a hundredth of the rows or more.</summary>
    public const int MaxPoints = 100;

    /// <summary>Of probabilities: means that differ by rounding alone are one.</summary>
    private const double LeastRise = 1e-6;

    /// <summary>Beyond the ends.</summary>
    public const double EndSlope = 0.01;

    public string Method => CalibrationMethods.Isotonic;

    public double Map(double logOdds)
    {
        var (first, last) = (LogOdds[0], LogOdds[^1]);
        if (!(logOdds > first))
        {
            return Calibrated[0] + (EndSlope * (logOdds - first));
        }

        if (logOdds >= last)
        {
            return Calibrated[^1] + (EndSlope * (logOdds - last));
        }

        var found = LogOdds.AsSpan().BinarySearch(logOdds);
        if (found >= 0)
        {
            return Calibrated[found];
        }

        var (to, from) = (~found, ~found - 1);
        var share = (logOdds - LogOdds[from]) / (LogOdds[to] - LogOdds[from]);
        return Calibrated[from] + (share * (Calibrated[to] - Calibrated[from]));
    }

    /// <summary>Against <see cref="SmoothedLabels"/>, so that no end of the curve is a certainty.</summary>
    /// <param name="logOdds">Finite.</param>
    /// <param name="labels">0 to 1, one per score.</param>
    /// <returns><c>null</c> where there is none that rises: all labels alike, or scores that do not rise with them.</returns>
    public static IsotonicCurve? Fit(ReadOnlySpan<double> logOdds, ReadOnlySpan<float> labels)
    {
        if (SmoothedLabels.Of(labels) is not { } targets)
        {
            return null;
        }

        var blocks = Thin(PoolAdjacentViolators.Fit(logOdds, targets), labels.Length / (double)MaxPoints);
        return blocks.Count < 2
            ? null
            : new IsotonicCurve([.. blocks.Select(b => b.X)], [.. blocks.Select(b => Math.Log(b.Y / (1 - b.Y)))]);
    }

    /// <summary>
    /// Neighbours become one until each has rows enough and says something else; what is left over at the end joins the last.
    /// </summary>
    private static List<IsotonicBlock> Thin(List<IsotonicBlock> blocks, double rows)
    {
        var thin = new List<IsotonicBlock>();
        foreach (var block in blocks)
        {
            if (thin.Count > 0 && (thin[^1].Weight < rows || block.Y - thin[^1].Y < LeastRise))
            {
                thin[^1] += block;
            }
            else
            {
                thin.Add(block);
            }
        }

        if (thin.Count > 1 && thin[^1].Weight < rows)
        {
            thin[^2] += thin[^1];
            thin.RemoveAt(thin.Count - 1);
        }

        return thin;
    }
}
