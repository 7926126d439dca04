using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RalmActors.Messages.Training;

namespace RalmActors.TestSupport;

/// <summary>A model file without weights, by content: whole, but of no use to a scorer. For specs that register versions.</summary>
public static class SmallModel
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <param name="name">Another name, another file.</param>
    public static ArtifactRef Write(string folder, string name)
    {
        var card = new
        {
            Model = "LogisticRegression",
            TowerDim = 0,
            HiddenDim = 0,
            Heads = 0,
            Dropout = 0,
            SchemaId = "small",
            Metrics = new Dictionary<string, double>(),
            Parent = name,
            DatasetHash = "",
        };
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "ralm-1",
            ["model"] = JsonSerializer.Serialize(card, Json),
            ["schema"] = "",
        };
        var header = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(new Dictionary<string, object> { ["__metadata__"] = metadata })
        );
        var bytes = new byte[8 + header.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, hash + ".safetensors"), bytes);
        return new ArtifactRef { Hash = hash, Bytes = bytes.Length };
    }
}
