namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Reads what a <see cref="BitWriter"/> wrote. Reading past the end throws <see cref="FormatException"/>.</summary>
public ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _bits;

    public bool ReadBit() => Read(1) == 1;

    /// <summary>The next <paramref name="count"/> bits, 0 to 64.</summary>
    public ulong Read(int count)
    {
        if (_bits + count > _bytes.Length * 8)
        {
            throw new FormatException(
                $"compressed column ends after {_bytes.Length} bytes, bit {_bits + count} wanted"
            );
        }

        ulong value = 0;
        while (count > 0)
        {
            var left = 8 - (_bits & 7);
            var take = Math.Min(left, count);
            var part = (_bytes[_bits >> 3] >> (left - take)) & ((1 << take) - 1);
            value = (value << take) | (uint)part;
            _bits += take;
            count -= take;
        }

        return value;
    }
}
