using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RalmActors.Messages.Learning;

namespace Ralm.Ranking.Schema;

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
        Converters =
        {
            new JsonStringEnumConverter<FeatureKind>(JsonNamingPolicy.SnakeCaseLower),
            new JsonStringEnumConverter<Scaling>(JsonNamingPolicy.SnakeCaseLower),
            new JsonStringEnumConverter<PairKind>(JsonNamingPolicy.SnakeCaseLower),
        },
    };

    public int Version { get; init; } = CurrentVersion;

    /// <summary>Made of both sides; a schema of an earlier release has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<PairSpec> Pairs { get; init; }

    /// <summary>Candidates are users: the seeds of either side count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Reciprocal { get; init; }

    [JsonIgnore]
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..16];

    [JsonIgnore]
    public ImmutableArray<PairSpec> PairsOrNone => Pairs.IsDefault ? [] : Pairs;

    /// <summary>Numbers that belong to neither side alone: the context's, then the pairs'.</summary>
    [JsonIgnore]
    public int ContextWidth => Context.Width + PairsOrNone.Sum(p => p.Width);

    /// <summary>The user's, the candidate's and the context's numbers, each of its side's width.</summary>
    public void Encode(Sample sample, Span<float> user, Span<float> candidate, Span<float> context)
    {
        var (ofUser, ofCandidate) = (
            PrepareUser(sample.UserId, sample.User),
            PrepareCandidate(sample.CandidateId, sample.Candidate)
        );
        ofUser.Encoded.CopyTo(user);
        ofCandidate.Encoded.CopyTo(candidate);
        EncodeContext(sample.Context, ofUser, ofCandidate, context);
    }

    public PreparedPerson PrepareUser(string id, Features? raw) => Prepare(id, raw, User, p => p.User);

    public PreparedPerson PrepareCandidate(string id, Features? raw) => Prepare(id, raw, Candidate, p => p.Candidate);

    /// <summary>Writes <see cref="ContextWidth"/> numbers.</summary>
    public void EncodeContext(Features? raw, PreparedPerson user, PreparedPerson candidate, Span<float> target)
    {
        Context.Encode("", raw, target[..Context.Width]);
        var from = Context.Width;
        for (var k = 0; k < PairsOrNone.Length; k++)
        {
            var pair = Pairs[k];
            pair.Encode(user.Pairs[k], candidate.Pairs[k], target.Slice(from, pair.Width));
            from += pair.Width;
        }
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

    private PreparedPerson Prepare(string id, Features? raw, SideSchema side, Func<PairSpec, string> feature)
    {
        var encoded = new float[side.Width];
        side.Encode(id, raw, encoded);
        return new PreparedPerson(
            encoded,
            [.. PairsOrNone.Select(p => p.Prepare(side.Find(raw, feature(p)), side.Slice(encoded, feature(p))))]
        );
    }
}
