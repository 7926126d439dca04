using System.Numerics;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Floating-point numbers, each as the exclusive or with the one before: a repeated value costs one bit, a near one its
/// changed mantissa bits. Bit patterns come back exactly, NaN payloads and signed zeros too.
/// After Pelkonen et al., Gorilla, VLDB 2015, section 4.1.2.
/// </summary>
public static class XorCodec
{
    private const int LeadingBits = 5;
    private const int MaxLeading = (1 << LeadingBits) - 1;
    private const int LengthBits = 6;

    public static void Write(BitWriter bits, ReadOnlySpan<double> values)
    {
        ulong previous = 0;
        var (leading, trailing) = (-1, 0);
        foreach (var value in values)
        {
            var raw = BitConverter.DoubleToUInt64Bits(value);
            var xor = raw ^ previous;
            previous = raw;
            if (xor == 0)
            {
                bits.WriteBit(false);
                continue;
            }

            bits.WriteBit(true);
            var zerosBefore = Math.Min(BitOperations.LeadingZeroCount(xor), MaxLeading);
            var zerosAfter = BitOperations.TrailingZeroCount(xor);
            if (leading >= 0 && zerosBefore >= leading && zerosAfter >= trailing)
            {
                bits.WriteBit(false);
            }
            else
            {
                (leading, trailing) = (zerosBefore, zerosAfter);
                bits.WriteBit(true);
                bits.Write((ulong)leading, LeadingBits);
                bits.Write((ulong)(64 - leading - trailing - 1), LengthBits);
            }

            bits.Write(xor >> trailing, 64 - leading - trailing);
        }
    }

    public static void Read(ref BitReader bits, Span<double> values)
    {
        ulong previous = 0;
        var (leading, length) = (0, 64);
        for (var i = 0; i < values.Length; i++)
        {
            if (bits.ReadBit())
            {
                if (bits.ReadBit())
                {
                    leading = (int)bits.Read(LeadingBits);
                    length = (int)bits.Read(LengthBits) + 1;
                }

                previous ^= bits.Read(length) << (64 - leading - length);
            }

            values[i] = BitConverter.UInt64BitsToDouble(previous);
        }
    }
}
