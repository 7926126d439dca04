namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Appends bits, most significant first; the last byte is padded with zeros.</summary>
public sealed class BitWriter
{
    private byte[] _bytes = new byte[64];
    private int _bits;

    public int ByteCount => (_bits + 7) / 8;

    public void WriteBit(bool bit) => Write(bit ? 1UL : 0UL, 1);

    /// <summary>The lowest <paramref name="count"/> bits of <paramref name="value"/>; count is 0 to 64.</summary>
    public void Write(ulong value, int count)
    {
        if (_bits + count > _bytes.Length * 8)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        while (count > 0)
        {
            var free = 8 - (_bits & 7);
            var take = Math.Min(free, count);
            var part = (value >> (count - take)) & ((1UL << take) - 1);
            _bytes[_bits >> 3] |= (byte)(part << (free - take));
            _bits += take;
            count -= take;
        }
    }

    public byte[] ToArray() => _bytes[..ByteCount];
}
