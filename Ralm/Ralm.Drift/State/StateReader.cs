using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Ralm.Drift.State;

/// <summary>Reads what <see cref="StateWriter"/> wrote. Bytes that end too early or say what cannot be throw.</summary>
internal sealed class StateReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    /// <exception cref="InvalidDataException">The bytes are not those of a state.</exception>
    public double Number() => BinaryPrimitives.ReadDoubleLittleEndian(Next(sizeof(double)));

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Next(sizeof(float)));

    /// <param name="most">Largest count that makes sense here.</param>
    public long Count(long most = long.MaxValue)
    {
        var value = 0UL;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = Next(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part <= 0x7F)
            {
                return value <= (ulong)most ? (long)value : throw Broken($"a count of {value}, and {most} is the most");
            }
        }

        throw Broken("a count of more than 63 bits");
    }

    /// <summary>A count of what follows, each of at least one byte.</summary>
    public int Length() => (int)Count(_rest.Length);

    public string Text() => Encoding.UTF8.GetString(Next(Length()));

    public ImmutableArray<T> Many<T>(Func<T> one)
    {
        var many = ImmutableArray.CreateBuilder<T>(Length());
        for (var k = 0; k < many.Capacity; k++)
        {
            many.Add(one());
        }

        return many.MoveToImmutable();
    }

    public void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Broken($"{_rest.Length} bytes too many");
        }
    }

    public static InvalidDataException Broken(string why) => new($"not the bytes of a state: {why}");

    private ReadOnlySpan<byte> Next(int count)
    {
        if (count > _rest.Length)
        {
            throw Broken("they end too early");
        }

        var next = _rest.Span[..count];
        _rest = _rest[count..];
        return next;
    }
}
