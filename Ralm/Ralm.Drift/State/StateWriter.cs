using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Ralm.Drift.State;

/// <summary>
/// Bytes of a state, to be kept in a journal or a snapshot: numbers by their bits, counts in seven bits a byte (LEB128), texts
/// in UTF-8 behind their length. What <see cref="StateReader"/> reads goes on exactly as what was written.
/// </summary>
internal sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public void Number(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
    }

    /// <param name="value">At least 0.</param>
    public void Count(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value > 0x7F; value >>= 7)
        {
            _bytes.Write([(byte)(value | 0x80)]);
        }

        _bytes.Write([(byte)value]);
    }

    public void Single(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
    }

    public void Text(string value)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        Count(utf8.Length);
        _bytes.Write(utf8);
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
