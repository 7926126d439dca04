using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Domain.Schema;

/// <summary>
/// From raw features to a model's inputs: the same code for training, online samples and scores. It is kept with every
/// model; its id is the sha256 of its JSON, so an equal id is an equal encoding.
/// </summary>
public sealed record FeatureSchema(SideSchema User, SideSchema Candidate, SideSchema Context)
{
    /// <summary>Raised when the same JSON would encode differently.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter<FeatureKind>(JsonNamingPolicy.SnakeCaseLower) },
    };

    public int Version { get; init; } = CurrentVersion;

    [JsonIgnore]
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..16];

    /// <summary>The user's, the candidate's and the context's numbers, each of its side's width.</summary>
    public void Encode(Sample sample, Span<float> user, Span<float> candidate, Span<float> context)
    {
        User.Encode(sample.User, user);
        Candidate.Encode(sample.Candidate, candidate);
        Context.Encode(sample.Context, context);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="FeatureException">Not a schema, or one of a later release.</exception>
    public static FeatureSchema FromJson(string json)
    {
        FeatureSchema? schema;
        try
        {
            schema = JsonSerializer.Deserialize<FeatureSchema>(json, Json);
        }
        catch (JsonException e)
        {
            throw new FeatureException($"not a feature schema: {e.Message}", e);
        }

        return schema is { Version: CurrentVersion }
            ? schema
            : throw new FeatureException($"schema version {schema?.Version} is not {CurrentVersion}");
    }
}
