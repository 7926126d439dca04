namespace RalmActors.Monitoring.Domain.Series;

/// <summary>One metric's values of one chunk, in whichever of three schemes is shortest. The first byte names it.</summary>
public static class ColumnCodec
{
    private const byte Xor = 0;
    private const byte Deltas = 1;
    private const byte DeltasOfDeltas = 2;
    private const int ExponentBits = 7;

    public static byte[] Encode(ReadOnlySpan<double> values)
    {
        var xor = Start(Xor);
        XorCodec.Write(xor, values);
        var whole = new long[values.Length];
        if (!BinaryScale.TryScale(values, whole, out var exponent))
        {
            return xor.ToArray();
        }

        var first = Scaled(Deltas, exponent, whole);
        var second = Scaled(DeltasOfDeltas, exponent, whole);
        var shorter = second.ByteCount < first.ByteCount ? second : first;
        return (xor.ByteCount <= shorter.ByteCount ? xor : shorter).ToArray();
    }

    /// <summary>Fills <paramref name="values"/>, whose length is the chunk's count.</summary>
    /// <exception cref="FormatException">The bytes name no known scheme, or end too early.</exception>
    public static void Decode(ReadOnlySpan<byte> bytes, Span<double> values)
    {
        var bits = new BitReader(bytes);
        var scheme = (byte)bits.Read(8);
        switch (scheme)
        {
            case Xor:
                XorCodec.Read(ref bits, values);
                break;
            case Deltas or DeltasOfDeltas:
                var exponent = (int)bits.Read(ExponentBits) + BinaryScale.Min;
                var whole = new long[values.Length];
                IntegerCodec.Read(ref bits, whole, scheme);
                for (var i = 0; i < whole.Length; i++)
                {
                    values[i] = BinaryScale.Unscale(whole[i], exponent);
                }

                break;
            default:
                throw new FormatException(
                    $"column scheme {scheme} is not one of 0 (XOR), 1 (deltas), 2 (deltas of deltas)"
                );
        }
    }

    private static BitWriter Scaled(byte scheme, int exponent, ReadOnlySpan<long> whole)
    {
        var bits = Start(scheme);
        bits.Write((ulong)(exponent - BinaryScale.Min), ExponentBits);
        IntegerCodec.Write(bits, whole, scheme);
        return bits;
    }

    private static BitWriter Start(byte scheme)
    {
        var bits = new BitWriter();
        bits.Write(scheme, 8);
        return bits;
    }
}
