using System.Buffers.Binary;
using System.Numerics;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Reads what a <see cref="BitWriter"/> wrote. Reading past the end throws <see cref="FormatException"/>.</summary>
public ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _bits;

    /// <summary>Bits that are read at once where enough bytes follow: 64 less what a byte may have been begun by.</summary>
    private const int AtOnce = 56;

    public bool ReadBit() => Read(1) == 1;

    /// <summary>How many ones come next, with the zero that ends them; no zero is read after <paramref name="most"/> of them.</summary>
    public int ReadOnes(int most)
    {
        if ((_bits >> 3) + sizeof(ulong) <= _bytes.Length)
        {
            var ones = Math.Min(BitOperations.LeadingZeroCount(~Peek()), most);
            _bits += ones == most ? most : ones + 1;
            return ones;
        }

        var count = 0;
        while (count < most && ReadBit())
        {
            count++;
        }

        return count;
    }

    /// <summary>The next <paramref name="count"/> bits, 0 to 64.</summary>
    public ulong Read(int count)
    {
        if (count is > 0 and <= AtOnce && (_bits >> 3) + sizeof(ulong) <= _bytes.Length)
        {
            var read = Peek() >> (64 - count);
            _bits += count;
            return read;
        }

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

    /// <summary>What follows, highest bit first; the lowest bits of it may be missing.</summary>
    private readonly ulong Peek() => BinaryPrimitives.ReadUInt64BigEndian(_bytes[(_bits >> 3)..]) << (_bits & 7);
}
