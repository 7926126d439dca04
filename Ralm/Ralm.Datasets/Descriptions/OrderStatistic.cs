namespace Ralm.Datasets.Descriptions;

/// <summary>
/// The k-th smallest of any number of values in fixed memory: radix selection, which reads them once for every 16 bits of
/// a number and counts those that agree so far (Knuth, TAOCP 3, 5.2.5).
/// </summary>
internal static class OrderStatistic
{
    private const int Digit = 16;

    /// <param name="values">Finite; read four times.</param>
    /// <param name="rank">From 0, below their number.</param>
    public static double Of(IEnumerable<double> values, long rank)
    {
        var known = 0UL;
        for (var shift = 64 - Digit; shift >= 0; shift -= Digit)
        {
            var counts = new long[1 << Digit];
            foreach (var value in values)
            {
                var key = Key(value);
                if (shift == 64 - Digit || key >> (shift + Digit) == known)
                {
                    counts[(key >> shift) & ((1 << Digit) - 1)]++;
                }
            }

            var digit = 0;
            while (rank >= counts[digit])
            {
                rank -= counts[digit++];
            }

            known = (known << Digit) | (uint)digit;
        }

        return Value(known);
    }

    /// <summary>Bits in the numbers' order; both zeros are one.</summary>
    private static ulong Key(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return bits >> 63 == 0 ? bits | (1UL << 63) : ~bits;
    }

    private static double Value(ulong key) =>
        BitConverter.UInt64BitsToDouble(key >> 63 == 1 ? key & ~(1UL << 63) : ~key);
}
