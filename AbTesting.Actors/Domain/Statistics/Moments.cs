using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Count, mean and centred sum of squares of one metric over units. Merging two is exact up to rounding however the units
/// were divided (Chan, Golub, LeVeque 1983), so a test's total is the merge of its cells.
/// </summary>
/// <param name="M2">Sum of squared deviations from the mean.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Moments(double Count, double Mean, double M2)
{
    /// <summary>Unbiased; 0 below two units.</summary>
    public double Variance => Count < 2 ? 0 : M2 / (Count - 1);

    public double StandardError => Count < 1 ? 0 : Math.Sqrt(Variance / Count);

    public double Sum => Count * Mean;

    /// <summary>Of values that are weights: how many equal ones would say as much, (Σw)²/Σw² (Kish 1965).</summary>
    public double EffectiveCount => Count == 0 ? 0 : Sum * Sum / (M2 + (Sum * Mean));

    /// <summary>From raw sums. Squares of large values cancel: prefer merging what was counted centred.</summary>
    public static Moments OfSums(double count, double sum, double sumSquares)
    {
        var mean = count == 0 ? 0 : sum / count;
        return new Moments(count, mean, Math.Max(0, sumSquares - sum * mean));
    }

    /// <summary>Of a binary metric, with the binomial variance p(1 - p) for every unit.</summary>
    public static Moments OfProportion(double count, double converted)
    {
        var rate = count == 0 ? 0 : converted / count;
        return new Moments(count, rate, Math.Max(0, count - 1) * rate * (1 - rate));
    }

    public static Moments Of(ReadOnlySpan<double> values)
    {
        var moments = default(Moments);
        foreach (var value in values)
        {
            moments = moments.Add(value);
        }

        return moments;
    }

    /// <summary>Welford 1962.</summary>
    public Moments Add(double value)
    {
        var count = Count + 1;
        var delta = value - Mean;
        var mean = Mean + delta / count;
        return new Moments(count, mean, M2 + delta * (value - mean));
    }

    public Moments Merge(Moments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var delta = other.Mean - Mean;
        return new Moments(
            count,
            Mean + delta * other.Count / count,
            M2 + other.M2 + delta * delta * Count * other.Count / count
        );
    }
}
