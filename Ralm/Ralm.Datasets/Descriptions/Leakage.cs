using Ralm.Ranking.Metrics;

namespace Ralm.Datasets.Descriptions;

/// <summary>
/// Finds inputs that know the label by themselves: what is known only afterwards (Kaufman, Rosset, Perlich and Stitelman
/// 2012, "Leakage in data mining"). Nothing honest orders people that well alone.
/// </summary>
public static class Leakage
{
    /// <summary>AUC of one input alone.</summary>
    public const double Separates = 0.999;

    /// <summary>Rows of either label below which a small table separates by chance.</summary>
    public const int LeastOfEither = 10;

    /// <summary>What is wrong with an input, as the end of a sentence that begins with its name; null: nothing.</summary>
    /// <param name="labels">0 to 1, one per row.</param>
    /// <param name="raw">The input before it is encoded where it is a number; null where it is missing or none.</param>
    /// <param name="numbers">The input encoded: arrays of one number per row.</param>
    public static string? Of(float[] labels, IReadOnlyList<double?> raw, IEnumerable<float[]> numbers)
    {
        var positives = labels.Count(label => label > 0.5f);
        if (Math.Min(positives, labels.Length - positives) < LeastOfEither)
        {
            return null;
        }

        if (raw.Zip(labels).All(r => r.First is { } value && (float)value == r.Second))
        {
            return $"equals the label in {labels.Length:N0} of {labels.Length:N0} training rows looked at";
        }

        var auc = numbers.Select(n => RankingMetrics.Auc<float>(n, labels)).Select(a => Math.Max(a, 1 - a));
        return auc.DefaultIfEmpty().Max() is >= Separates and var most
            ? $"separates the label by itself: AUC {most:F4} in {labels.Length:N0} training rows looked at"
            : null;
    }

    /// <summary>
    /// One number for a value without an order: the share of positives among the rows that have it. Values of few rows get
    /// everybody's, or each would speak for its own label.
    /// </summary>
    /// <param name="values">Per row, from 0.</param>
    public static float[] Rates(ReadOnlySpan<float> labels, ReadOnlySpan<int> values)
    {
        var (rows, sums, all) = (new Dictionary<int, int>(), new Dictionary<int, float>(), 0f);
        for (var k = 0; k < values.Length; k++)
        {
            rows[values[k]] = rows.GetValueOrDefault(values[k]) + 1;
            sums[values[k]] = sums.GetValueOrDefault(values[k]) + labels[k];
            all += labels[k];
        }

        var rates = new float[values.Length];
        for (var k = 0; k < rates.Length; k++)
        {
            var of = rows[values[k]];
            rates[k] = of < LeastOfEither ? all / rates.Length : sums[values[k]] / of;
        }

        return rates;
    }
}
