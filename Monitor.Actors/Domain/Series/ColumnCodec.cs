namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// One metric's values of one chunk, in whichever scheme is shortest: XOR of the bit patterns, or whole numbers after
/// scaling by a power of two or of ten, as deltas or deltas of deltas; or one value for all. The first byte names the scheme; its
/// highest bit says that some samplings had no value, and a bit per sampling follows: 1 where it had one; the next bit says the
/// same, and the lengths of runs follow. Every value comes back bit for bit.
/// </summary>
public static class ColumnCodec
{
    private const byte Xor = 0;
    private const byte BinaryDeltas = 1;
    private const byte BinaryDeltasOfDeltas = 2;
    private const byte DecimalDeltas = 3;
    private const byte DecimalDeltasOfDeltas = 4;
    private const byte OneValue = 5;
    private const byte HasGaps = 0x80;
    private const byte HasRuns = 0x40;
    private const int ExponentBits = 7;
    private const int PlacesBits = 4;

    public static byte[] Encode(ReadOnlySpan<double> column)
    {
        double[] values = [.. column.ToArray().Where(v => !Sampling.IsAbsent(v))];
        var present = EncodePresent(values);
        return values.Length == column.Length ? present : WithGaps(present, column);
    }

    private static byte[] EncodePresent(double[] values)
    {
        var shortest = Start(Xor);
        XorCodec.Write(shortest, values);
        if (IsOneValue(values))
        {
            var one = Start(OneValue);
            one.Write(BitConverter.DoubleToUInt64Bits(values[0]), 64);
            shortest = Shorter(shortest, one);
        }

        var whole = new long[values.Length];
        if (BinaryScale.TryScale(values, whole, out var exponent))
        {
            shortest = Shorter(shortest, Scaled(BinaryDeltas, exponent - BinaryScale.Min, ExponentBits, whole));
            shortest = Shorter(shortest, Scaled(BinaryDeltasOfDeltas, exponent - BinaryScale.Min, ExponentBits, whole));
        }

        if (DecimalScale.TryScale(values, whole, out var places))
        {
            shortest = Shorter(shortest, Scaled(DecimalDeltas, places, PlacesBits, whole));
            shortest = Shorter(shortest, Scaled(DecimalDeltasOfDeltas, places, PlacesBits, whole));
        }

        return shortest.ToArray();
    }

    private static bool IsOneValue(double[] values) =>
        values.Length > 1
        && Array.TrueForAll(
            values,
            v => BitConverter.DoubleToInt64Bits(v) == BitConverter.DoubleToInt64Bits(values[0])
        );

    /// <summary>Fills <paramref name="values"/>, whose length is the chunk's count.</summary>
    /// <exception cref="FormatException">The bytes name no known scheme, or end too early.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<double> column)
    {
        if (bytes.IsEmpty || (bytes[0] & (HasGaps | HasRuns)) == 0)
        {
            DecodePresent(bytes, column);
            return;
        }

        var (present, length) =
            (bytes[0] & HasRuns) != 0
                ? PresenceRuns.Read(bytes[1..], column.Length)
                : (PresenceBits(bytes[1..], column.Length), PresenceBytes(column.Length));
        var values = new double[present.Count];
        DecodePresent([(byte)(bytes[0] & ~(HasGaps | HasRuns)), .. bytes[(1 + length)..]], values);
        column.Fill(Sampling.Absent);
        for (var i = 0; i < values.Length; i++)
        {
            column[present[i]] = values[i];
        }
    }

    private static List<int> PresenceBits(ReadOnlySpan<byte> bytes, int samplings)
    {
        var bits = new BitReader(bytes);
        var present = new List<int>(samplings);
        for (var i = 0; i < samplings; i++)
        {
            if (bits.ReadBit())
            {
                present.Add(i);
            }
        }

        return present;
    }

    private static void DecodePresent(ReadOnlySpan<byte> bytes, Span<double> values)
    {
        var bits = new BitReader(bytes);
        var scheme = (byte)bits.Read(8);
        switch (scheme)
        {
            case OneValue:
                values.Fill(BitConverter.UInt64BitsToDouble(bits.Read(64)));
                break;
            case Xor:
                XorCodec.Read(ref bits, values);
                break;
            case BinaryDeltas or BinaryDeltasOfDeltas:
                var exponent = (int)bits.Read(ExponentBits) + BinaryScale.Min;
                // A power of two: to multiply by it is exact, wherever it is a number itself.
                var unit = Math.ScaleB(1, exponent);
                foreach (ref var value in ReadWhole(ref bits, values, OrderOf(scheme)))
                {
                    value *= unit;
                }

                break;
            case DecimalDeltas or DecimalDeltasOfDeltas:
                var places = (int)bits.Read(PlacesBits);
                if (places > DecimalScale.MaxPlaces)
                {
                    throw new FormatException(
                        $"column has {places} decimal places, at most {DecimalScale.MaxPlaces} exist"
                    );
                }

                foreach (ref var value in ReadWhole(ref bits, values, OrderOf(scheme)))
                {
                    value = DecimalScale.Unscale((long)value, places);
                }

                break;
            default:
                throw new FormatException($"column scheme {scheme} is not one of 0 to {OneValue}");
        }
    }

    /// <summary>Whole numbers below 2^53, which a <see cref="double"/> holds exactly.</summary>
    private static Span<double> ReadWhole(ref BitReader bits, Span<double> values, int order)
    {
        var whole = new long[values.Length];
        IntegerCodec.Read(ref bits, whole, order);
        for (var i = 0; i < whole.Length; i++)
        {
            values[i] = whole[i];
        }

        return values;
    }

    private static byte[] WithGaps(byte[] present, ReadOnlySpan<double> column)
    {
        var runs = PresenceRuns.Write(column);
        if (runs.Length < PresenceBytes(column.Length))
        {
            return [(byte)(present[0] | HasRuns), .. runs, .. present[1..]];
        }

        var presence = new BitWriter();
        foreach (var value in column)
        {
            presence.WriteBit(!Sampling.IsAbsent(value));
        }

        return [(byte)(present[0] | HasGaps), .. presence.ToArray(), .. present[1..]];
    }

    private static int PresenceBytes(int samplings) => (samplings + 7) / 8;

    private static BitWriter Scaled(byte scheme, int scale, int scaleBits, ReadOnlySpan<long> whole)
    {
        var bits = Start(scheme);
        bits.Write((ulong)scale, scaleBits);
        IntegerCodec.Write(bits, whole, OrderOf(scheme));
        return bits;
    }

    private static int OrderOf(byte scheme) => scheme is BinaryDeltas or DecimalDeltas ? 1 : 2;

    private static BitWriter Shorter(BitWriter one, BitWriter other) => other.ByteCount < one.ByteCount ? other : one;

    private static BitWriter Start(byte scheme)
    {
        var bits = new BitWriter();
        bits.Write(scheme, 8);
        return bits;
    }
}
