using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ralm.Models.Artifacts;

/// <summary>A named array of 32-bit floats, row by row.</summary>
public sealed record NamedTensor(string Name, ImmutableArray<long> Shape, ReadOnlyMemory<float> Values);

/// <summary>
/// The safetensors format: eight bytes of header length, little-endian; a JSON header with type, shape and byte range of
/// each tensor; then the bytes. It holds numbers and no code, and any language reads it.
/// </summary>
public static class SafeTensors
{
    /// <summary>A longer header is not one: 100 MB, the format's own limit.</summary>
    public const int MaxHeader = 100_000_000;

    private const string FloatType = "F32";
    private const string MetadataKey = "__metadata__";

    /// <summary>The same tensors and metadata give the same bytes: both are written in name order.</summary>
    public static byte[] Write(IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToArray();
        var header = Header(ordered, metadata);
        var bytes = new byte[8 + header.Length + ordered.Sum(t => (long)t.Values.Length * sizeof(float))];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        var at = 8 + header.Length;
        foreach (var tensor in ordered)
        {
            at += ToBytes(tensor.Values.Span, bytes.AsSpan(at));
        }

        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not this format, or use a type other than F32.</exception>
    public static (IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(
        ReadOnlySpan<byte> file
    )
    {
        if (file.Length < 8)
        {
            throw new InvalidDataException($"{file.Length} bytes are too few for a safetensors file");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(file);
        if (length is < 2 or > MaxHeader || length > file.Length - 8)
        {
            throw new InvalidDataException($"header length {length} does not fit a file of {file.Length} bytes");
        }

        try
        {
            using var json = JsonDocument.Parse(file.Slice(8, (int)length).ToArray());
            var data = file[(8 + (int)length)..];
            var tensors = new List<NamedTensor>();
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name == MetadataKey)
                {
                    foreach (var pair in entry.Value.EnumerateObject())
                    {
                        metadata[pair.Name] = pair.Value.GetString() ?? "";
                    }
                }
                else
                {
                    tensors.Add(ReadTensor(entry.Name, entry.Value, data));
                }
            }

            return (tensors, metadata);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"the safetensors header does not parse: {e.Message}", e);
        }
    }

    /// <summary>
    /// sha256 over names, shapes and values in name order, 64 hex digits: equal weights, equal hash, whatever the file's
    /// header says beside them.
    /// </summary>
    public static string WeightsHash(IEnumerable<NamedTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name}[{string.Join(',', tensor.Shape)}]\n"));
            var bytes = new byte[tensor.Values.Length * sizeof(float)];
            ToBytes(tensor.Values.Span, bytes);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Header(NamedTensor[] ordered, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            var at = 0L;
            foreach (var tensor in ordered)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", FloatType);
                WriteArray(json, "shape", tensor.Shape.AsSpan());
                var end = at + ((long)tensor.Values.Length * sizeof(float));
                WriteArray(json, "data_offsets", [at, end]);
                json.WriteEndObject();
                at = end;
            }

            json.WriteEndObject();
        }

        // Spaces at the end bring the data to a multiple of eight bytes, as readers that map the file expect.
        var padding = (8 - ((int)stream.Length % 8)) % 8;
        stream.Write("        "u8[..padding]);
        return stream.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static NamedTensor ReadTensor(string name, JsonElement entry, ReadOnlySpan<byte> data)
    {
        var type = entry.GetProperty("dtype").GetString();
        if (type != FloatType)
        {
            throw new InvalidDataException($"tensor {name} has type {type}; only {FloatType} is read");
        }

        var shape = entry.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()).ToImmutableArray();
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(s => s.GetInt64()).ToArray();
        var expected = shape.Aggregate(1L, (product, side) => checked(product * side)) * sizeof(float);
        if (offsets is not [>= 0 and var begin, var end] || end > data.Length || end - begin != expected)
        {
            throw new InvalidDataException(
                $"tensor {name} of shape [{string.Join(',', shape)}] has bytes {string.Join('-', offsets)} of {data.Length}"
            );
        }

        return new(name, shape, FromBytes(data[(int)begin..(int)end]));
    }

    private static int ToBytes(ReadOnlySpan<float> values, Span<byte> target)
    {
        for (var k = 0; k < values.Length; k++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(target[(k * sizeof(float))..], values[k]);
        }

        return values.Length * sizeof(float);
    }

    private static float[] FromBytes(ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / sizeof(float)];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(k * sizeof(float))..]);
        }

        return values;
    }
}
