using System.Runtime.InteropServices;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Metrics;

/// <summary>How often and from where resamples are drawn.</summary>
/// <param name="Level">The probability that an interval is to hold, such as 0.95.</param>
public sealed record Resampling(int Replicates, ulong Seed, double Level = 0.95)
{
    /// <summary>1,000 resamples where rows are few, never under 200: their cost grows with the rows.</summary>
    public static Resampling For(int rows) => new(Math.Clamp(100_000_000 / Math.Max(1, rows), 200, 1_000), Seed: 1);
}

/// <summary>An interval, and how often resamples lie on the other side of zero.</summary>
/// <param name="PValue">Two-sided, never below what that many resamples can show.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BootstrapInterval(double Low, double High, double PValue);

/// <summary>
/// Percentile intervals by resampling whole users (cluster bootstrap; Efron 1979, Field and Welsh 2007): a user's rows are
/// alike, and drawing rows one by one would promise more than they know. Two models are measured on the same draws. What
/// resampling adds to a figure of its own accord, as it does to a calibration error, is taken out again (the bootstrap's
/// estimate of bias; Efron and Tibshirani 1993, chapter 10), so that an interval holds its own value.
/// </summary>
public static class UserBootstrap
{
    /// <summary>Intervals of one model's figures, or of the first's less the second's.</summary>
    /// <returns>One per metric of <see cref="EvaluationMetrics.All"/>; NaN where a figure means nothing.</returns>
    public static BootstrapInterval[] Intervals(
        Resampling resampling,
        EvaluationRows rows,
        MeasuredScores first,
        MeasuredScores? second = null
    )
    {
        var drawn = new List<double>[EvaluationMetrics.All.Length];
        for (var m = 0; m < drawn.Length; m++)
        {
            drawn[m] = new List<double>(resampling.Replicates);
        }

        var weights = new int[rows.Users];
        for (var replicate = 0; replicate < resampling.Replicates; replicate++)
        {
            Draw(weights, RandomStream.Mix(resampling.Seed, (ulong)replicate));
            var a = first.Measure(weights);
            var b = second?.Measure(weights);
            for (var m = 0; m < drawn.Length; m++)
            {
                var value = b is null ? a[m] : a[m] - b[m];
                if (double.IsFinite(value))
                {
                    drawn[m].Add(value);
                }
            }
        }

        var (of, less) = (first.Measure(), second?.Measure());
        return
        [
            .. drawn.Select(
                (values, m) => Interval(values, less is null ? of[m] : of[m] - less[m], resampling.Level, less is null)
            ),
        ];
    }

    /// <summary>As many users as there are, each as often as it is drawn.</summary>
    internal static void Draw(Span<int> weights, ulong seed)
    {
        weights.Clear();
        for (var i = 0; i < weights.Length; i++)
        {
            var bits = RandomStream.Finish(seed + ((ulong)(i + 1) * 0x9E3779B97F4A7C15UL));
            weights[(int)Math.BigMul(bits, (ulong)weights.Length, out _)]++;
        }
    }

    /// <param name="value">Without resampling.</param>
    /// <param name="isFigure">And not a difference of two: none is below 0, and few are above 1.</param>
    private static BootstrapInterval Interval(List<double> values, double value, double level, bool isFigure)
    {
        if (values.Count == 0)
        {
            return new(double.NaN, double.NaN, double.NaN);
        }

        values.Sort();
        var (bias, most) = (values.Average() - value, Math.Max(1, values[^1]));
        for (var k = 0; k < values.Count; k++)
        {
            values[k] = isFigure ? Math.Clamp(values[k] - bias, 0, most) : values[k] - bias;
        }

        var below = values.Count(v => v <= 0) / (double)values.Count;
        var above = values.Count(v => v >= 0) / (double)values.Count;
        return new(
            Math.Min(value, Quantile(values, (1 - level) / 2)),
            Math.Max(value, Quantile(values, (1 + level) / 2)),
            Math.Min(1, Math.Max(2 * Math.Min(below, above), 1.0 / values.Count))
        );
    }

    /// <summary>Linear between order statistics (Hyndman and Fan 1996, type 7).</summary>
    private static double Quantile(List<double> sorted, double q)
    {
        var at = q * (sorted.Count - 1);
        var low = (int)at;
        var high = Math.Min(low + 1, sorted.Count - 1);
        return sorted[low] + ((at - low) * (sorted[high] - sorted[low]));
    }
}
