namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Whole numbers as differences, of order 1 (deltas) or 2 (deltas of deltas), in prefix-coded widths: a steady
/// counter or clock costs one bit each. Arithmetic wraps, so every <see cref="long"/> is coded exactly.
/// After Pelkonen et al., Gorilla: A Fast, Scalable, In-Memory Time Series Database, VLDB 2015, section 4.1.1; the
/// widths differ, for milliseconds and byte counts instead of seconds.
/// </summary>
public static class IntegerCodec
{
    // A value's prefix is as many ones as narrower widths were too small, closed by a zero unless it is the widest.
    private static readonly int[] Widths = [0, 3, 7, 12, 16, 20, 32, 64];

    public static void Write(BitWriter bits, ReadOnlySpan<long> values, int order)
    {
        long previous = 0;
        long previousDelta = 0;
        foreach (var value in values)
        {
            var delta = unchecked(value - previous);
            WriteOne(bits, order == 1 ? delta : unchecked(delta - previousDelta));
            previous = value;
            previousDelta = delta;
        }
    }

    public static void Read(ref BitReader bits, Span<long> values, int order)
    {
        long previous = 0;
        long previousDelta = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var coded = ReadOne(ref bits);
            var delta = order == 1 ? coded : unchecked(coded + previousDelta);
            previous = unchecked(previous + delta);
            previousDelta = delta;
            values[i] = previous;
        }
    }

    private static void WriteOne(BitWriter bits, long value)
    {
        var rank = 0;
        while (!Fits(value, Widths[rank]))
        {
            bits.WriteBit(true);
            rank++;
        }

        if (rank < Widths.Length - 1)
        {
            bits.WriteBit(false);
        }

        bits.Write((ulong)value, Widths[rank]);
    }

    private static long ReadOne(ref BitReader bits)
    {
        var width = Widths[bits.ReadOnes(Widths.Length - 1)];
        return width == 0 ? 0 : (long)(bits.Read(width) << (64 - width)) >> (64 - width);
    }

    /// <summary>Whether two's complement of <paramref name="width"/> bits holds the value.</summary>
    private static bool Fits(long value, int width) =>
        width switch
        {
            0 => value == 0,
            64 => true,
            _ => value >> (width - 1) is 0 or -1,
        };
}
