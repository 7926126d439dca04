using System.Numerics;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// The largest power of two that divides every number of a column. Counts, kibibytes and percentages in steps of 1/128
/// become small whole numbers by it; scaling by a power of two loses nothing.
/// </summary>
public static class BinaryScale
{
    public const int Min = -64;
    public const int Max = 63;

    /// <summary>False when a value has no place among whole numbers below 2^53: NaN, infinities, -0, or too wide a range.</summary>
    public static bool TryScale(ReadOnlySpan<double> values, Span<long> whole, out int exponent)
    {
        exponent = Max;
        foreach (var value in values)
        {
            if (!double.IsFinite(value) || (value == 0 && double.IsNegative(value)))
            {
                return false;
            }

            if (value != 0)
            {
                exponent = Math.Min(exponent, LowestBit(value));
            }
        }

        if (exponent < Min)
        {
            return false;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var scaled = Math.ScaleB(values[i], -exponent);
            if (Math.Abs(scaled) >= 1L << 53)
            {
                return false;
            }

            whole[i] = (long)scaled;
        }

        return true;
    }

    public static double Unscale(long whole, int exponent) => Math.ScaleB(whole, exponent);

    private static int LowestBit(double value)
    {
        var raw = BitConverter.DoubleToUInt64Bits(value);
        var fraction = raw & ((1UL << 52) - 1);
        var exponent = (int)((raw >> 52) & 0x7FF);
        // Subnormals have no hidden bit and share the exponent of the smallest normal numbers.
        return exponent == 0
            ? BitOperations.TrailingZeroCount(fraction) - 1074
            : BitOperations.TrailingZeroCount(fraction | (1UL << 52)) + exponent - 1075;
    }
}
