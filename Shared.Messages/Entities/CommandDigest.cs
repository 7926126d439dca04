using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace RalmActors.Messages.Entities;

/// <summary>
/// What a command was behind its header. A field that is said to differ does; one of fifteen that differ is not said, but
/// the body as a whole is told apart.
/// </summary>
public sealed partial class CommandDigest
{
    private const int BitsPerField = 4;
    private const int FieldCount = 64 / BitsPerField;
    private const int HeaderField = 1;

    private static readonly ConcurrentDictionary<MessageDescriptor, ulong> Types = new();

    public static CommandDigest Of(ICommand command)
    {
        var type = Types.GetOrAdd(
            command.Descriptor,
            descriptor => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(descriptor.FullName))
        );
        var length = command.CalculateSize();
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            command.WriteTo(bytes.AsSpan(0, length));
            return Of(bytes, length, type);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Names of the fields that this command has otherwise than the other; empty when they are not told.</summary>
    public IEnumerable<string> Differing(CommandDigest other, ICommand command) =>
        command
            .Descriptor.Fields.InFieldNumberOrder()
            .Where(f => f.FieldNumber is > HeaderField and <= FieldCount)
            .Where(f => At(Fields, f.FieldNumber) != At(other.Fields, f.FieldNumber))
            .Select(f => f.Name);

    public bool IsOfAnotherType(CommandDigest other) => At(Fields, HeaderField) != At(other.Fields, HeaderField);

    /// <summary>Half of both, for where many are kept: of the fields, the first eight.</summary>
    public ulong ToShort() => Body << 32 | (uint)Fields;

    public static CommandDigest FromShort(ulong digest) => new() { Body = digest >> 32, Fields = (uint)digest };

    private static CommandDigest Of(byte[] bytes, int length, ulong type)
    {
        Span<ulong> hashes = stackalloc ulong[FieldCount + 1];
        hashes.Clear();
        hashes[HeaderField] = type;
        var input = new CodedInputStream(bytes, 0, length);
        var (body, start) = (0, 0);
        while (input.ReadTag() is var tag and not 0)
        {
            input.SkipLastField();
            var (field, end) = (WireFormat.GetTagFieldNumber(tag), (int)input.Position);
            if (field == HeaderField)
            {
                // Opens every command.
                body = end;
            }
            else if (field <= FieldCount)
            {
                // A repeated field comes in pieces; their order counts.
                hashes[field] = XxHash3.HashToUInt64(bytes.AsSpan(start..end), (long)hashes[field]);
            }

            start = end;
        }

        return new CommandDigest
        {
            Body = XxHash3.HashToUInt64(bytes.AsSpan(body..length), (long)type),
            Fields = Fold(hashes),
        };
    }

    private static ulong Fold(ReadOnlySpan<ulong> hashes)
    {
        var fields = 0UL;
        for (var f = HeaderField; f <= FieldCount; f++)
        {
            var folded = hashes[f] == 0 ? 0 : 1 + hashes[f] % ((1 << BitsPerField) - 1);
            fields |= folded << (BitsPerField * (f - HeaderField));
        }

        return fields;
    }

    private static ulong At(ulong fields, int field) =>
        fields >> (BitsPerField * (field - HeaderField)) & ((1 << BitsPerField) - 1);
}
