using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ralm.Ranking.Schema;

/// <summary>Many numbers as one text: base64 of half-precision floats, little-endian.</summary>
public sealed class HalfFloatsConverter : JsonConverter<ImmutableArray<float>>
{
    /// <summary>What a number becomes by being written and read.</summary>
    public static float Round(double value) => (float)(Half)value;

    public override ImmutableArray<float> Read(
        ref Utf8JsonReader reader,
        System.Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        var halves = MemoryMarshal.Cast<byte, Half>(reader.GetBytesFromBase64());
        var values = ImmutableArray.CreateBuilder<float>(halves.Length);
        foreach (var half in halves)
        {
            values.Add((float)half);
        }

        return values.MoveToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<float> value, JsonSerializerOptions options)
    {
        var halves = new Half[value.Length];
        for (var k = 0; k < halves.Length; k++)
        {
            halves[k] = (Half)value[k];
        }

        writer.WriteBase64StringValue(MemoryMarshal.AsBytes(halves.AsSpan()));
    }
}
