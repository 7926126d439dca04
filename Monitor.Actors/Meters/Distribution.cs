namespace RalmActors.Monitoring.Meters;

/// <summary>
/// How values are distributed, by counts in buckets that grow with the value: sixteen to each power of two, so a bucket is at most
/// 1/16 as wide as its lower bound, from 2^-20 (1 µs, for seconds) to 2^10. What is smaller or larger falls in the first or last. The
/// bounds are the same in every process: counts can be added up and subtracted.
/// </summary>
public static class Distribution
{
    private const int BitsPerOctave = 4;
    private const int Shift = 52 - BitsPerOctave;
    private const int LeastExponent = -20;
    private const int MostExponent = 10;
    private const long First = (1023L + LeastExponent) << BitsPerOctave;

    /// <summary>The last is for all that is larger.</summary>
    public const int Buckets = ((MostExponent - LeastExponent) << BitsPerOctave) + 1;

    /// <summary>Of the bucket with the largest bound below or at the value. Bounds belong to the bucket below them.</summary>
    public static int BucketOf(double value) =>
        value > 0 ? (int)Math.Clamp(((BitConverter.DoubleToInt64Bits(value) - 1) >> Shift) - First, 0, Buckets - 1) : 0;

    /// <summary>The largest value of a bucket; of the last, infinity.</summary>
    public static double UpperBound(int bucket) =>
        bucket == Buckets - 1 ? double.PositiveInfinity : BitConverter.Int64BitsToDouble((First + bucket + 1) << Shift);

    /// <summary>How many values are at most <paramref name="bound"/>, which is a power of two.</summary>
    public static long AtMost(ReadOnlySpan<long> counts, double bound)
    {
        var sum = 0L;
        for (var i = 0; i < counts.Length && UpperBound(i) <= bound; i++)
        {
            sum += counts[i];
        }

        return sum;
    }

    /// <summary>The value below which the share of all values lies, as if they were spread evenly in each bucket; NaN: there are none.</summary>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(ReadOnlySpan<long> counts, double share)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        if (total == 0)
        {
            return double.NaN;
        }

        var (rank, below) = (share * total, 0L);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= rank)
            {
                var lower = i == 0 ? 0 : UpperBound(i - 1);
                var upper = i == counts.Length - 1 ? lower : UpperBound(i);
                return lower + ((upper - lower) * Math.Clamp((rank - below) / counts[i], 0, 1));
            }

            below += counts[i];
        }

        return UpperBound(counts.Length - 2);
    }
}
