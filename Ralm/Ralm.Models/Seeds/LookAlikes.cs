using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Learning;

namespace Ralm.Models.Seeds;

/// <summary>
/// What a model made of a candidate's seeds, as bytes that travel with a score, come back with the interaction and are
/// learned from, in the form of <see cref="LookAlikeForm"/>. No bytes: no seeds.
/// </summary>
internal static class LookAlikes
{
    private const int TagBytes = LookAlikeForm.TagBytes;

    /// <summary>The same for a model and all that is learned online from it: there these weights stay as they are.</summary>
    public static uint Tag(ISeededModel model, ParameterSet weights) =>
        (uint)
            XxHash64.HashToUInt64(
                MemoryMarshal.AsBytes(FlatVector.Read(weights.Values).AsSpan(0, model.LookAlikeLength))
            );

    public static ByteString ToBytes(uint tag, ReadOnlySpan<float> numbers)
    {
        if (!numbers.ContainsAnyExcept(0))
        {
            return ByteString.Empty;
        }

        Span<byte> bytes = stackalloc byte[TagBytes + (numbers.Length * sizeof(float))];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, tag);
        for (var k = 0; k < numbers.Length; k++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes[(TagBytes + (k * sizeof(float)))..], numbers[k]);
        }

        return ByteString.CopyFrom(bytes);
    }

    /// <summary>False, and zeros, when there are none, or another model's: it then counts as shown without seeds.</summary>
    public static bool TryRead(ByteString bytes, uint tag, Span<float> numbers)
    {
        numbers.Clear();
        var from = bytes.Span;
        if (
            from.Length != TagBytes + (numbers.Length * sizeof(float))
            || BinaryPrimitives.ReadUInt32LittleEndian(from) != tag
        )
        {
            return false;
        }

        for (var k = 0; k < numbers.Length; k++)
        {
            numbers[k] = BinaryPrimitives.ReadSingleLittleEndian(from[(TagBytes + (k * sizeof(float)))..]);
        }

        return true;
    }
}
