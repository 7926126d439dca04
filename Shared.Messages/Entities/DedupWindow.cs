using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;

namespace RalmActors.Messages.Entities;

/// <summary>
/// The command ids an entity still recognises: the last <paramref name="capacity"/> accepted ones, as 16-byte XXH128
/// digests, oldest forgotten first. It is rebuilt from the events' causation ids, so it is as durable as they are.
/// </summary>
/// <param name="capacity">How many ids are kept: 16 to 1,048,576.</param>
public sealed class DedupWindow(int capacity = DedupWindow.DefaultCapacity)
{
    public const int DefaultCapacity = 1024;

    private readonly Queue<UInt128> _oldestFirst = new();
    private readonly HashSet<UInt128> _known = [];

    public int Capacity { get; } =
        capacity is >= 16 and <= 1_048_576
            ? capacity
            : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "must be 16 to 1,048,576");

    public int Count => _known.Count;

    public bool Contains(string commandId) => _known.Contains(Digest(commandId));

    public void Add(string commandId) => Add(Digest(commandId));

    public ByteString ToBytes() => ByteString.CopyFrom(MemoryMarshal.AsBytes<UInt128>(_oldestFirst.ToArray()));

    public void Restore(ByteString bytes)
    {
        _oldestFirst.Clear();
        _known.Clear();
        foreach (var digest in MemoryMarshal.Cast<byte, UInt128>(bytes.Span))
        {
            Add(digest);
        }
    }

    private void Add(UInt128 digest)
    {
        if (!_known.Add(digest))
        {
            return;
        }

        _oldestFirst.Enqueue(digest);
        if (_oldestFirst.Count > Capacity)
        {
            _known.Remove(_oldestFirst.Dequeue());
        }
    }

    private static UInt128 Digest(string commandId)
    {
        Span<byte> utf8 = stackalloc byte[Ids.MaxLength];
        var length = Encoding.UTF8.GetBytes(commandId, utf8);
        return XxHash128.HashToUInt128(utf8[..length]);
    }
}
