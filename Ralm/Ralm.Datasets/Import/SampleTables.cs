using System.Text.Json.Nodes;
using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Import;

/// <summary>
/// What was learned online as tables that a preparation reads: people as they were last seen, one JSON object a line, and what
/// happened between them, with a description by the schema of the model that was shown. Split by time: what is judged comes
/// after what is learned.
/// </summary>
public sealed class SampleTables
{
    public const string Description = "description.json";

    private const string Users = "users.jsonl";
    private const string Candidates = "candidates.jsonl";
    private const string Interactions = "interactions.jsonl";
    private const string Key = "id";
    private const string At = "at";

    private readonly FeatureSchema _schema;
    private readonly string _name;
    private readonly Dictionary<string, Features?> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Features?> _candidates;

    /// <summary>A feature that nobody has is no column.</summary>
    private readonly Dictionary<SideSchema, HashSet<string>> _seen = new(ReferenceEqualityComparer.Instance);

    /// <param name="name">Of the dataset.</param>
    public SampleTables(string name, FeatureSchema schema)
    {
        (_name, _schema) = (name, schema);
        // Candidates that are users are one table.
        _candidates = schema.Reciprocal ? _users : new Dictionary<string, Features?>(StringComparer.Ordinal);
    }

    /// <summary>Writes the tables and their description into a folder that is made, and takes the place of files of their names.</summary>
    /// <param name="samples">In the order in which they happened.</param>
    /// <returns>Path of the description.</returns>
    public string Write(string folder, IEnumerable<Sample> samples, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        WriteLines(Path.Combine(folder, Interactions), samples.Select(Interaction), ct);
        WriteLines(Path.Combine(folder, Users), _users.Select(p => Person(p.Key, p.Value, _schema.User)), ct);
        if (!_schema.Reciprocal)
        {
            WriteLines(
                Path.Combine(folder, Candidates),
                _candidates.Select(p => Person(p.Key, p.Value, _schema.Candidate)),
                ct
            );
        }

        var description = Path.Combine(folder, Description);
        File.WriteAllText(description, Describe().ToJsonString());
        return description;
    }

    private JsonObject Interaction(Sample sample)
    {
        _users[sample.UserId] = sample.User ?? _users.GetValueOrDefault(sample.UserId);
        _candidates[sample.CandidateId] = sample.Candidate ?? _candidates.GetValueOrDefault(sample.CandidateId);
        var row = new JsonObject
        {
            ["user"] = sample.UserId,
            ["candidate"] = sample.CandidateId,
            ["label"] = sample.Label,
            [At] = sample.OccurredAt?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0,
        };
        Add(row, sample.Context, _schema.Context);
        return row;
    }

    private JsonObject Person(string id, Features? features, SideSchema side)
    {
        var row = new JsonObject { [Key] = id };
        Add(row, features, side);
        return row;
    }

    /// <summary>What the model's schema reads of it; another kind of value than it was fitted on it would not learn either.</summary>
    private void Add(JsonObject row, Features? features, SideSchema side)
    {
        foreach (var feature in features?.Items ?? [])
        {
            if (side.Features.FirstOrDefault(f => f.Name == feature.Name) is { } spec && Add(row, feature, spec.Kind))
            {
                SeenOf(side).Add(feature.Name);
            }
        }
    }

    /// <returns>False: it is of no kind that the schema reads under that name.</returns>
    private static bool Add(JsonObject row, Feature feature, FeatureKind kind)
    {
        var column = Column(feature.Name);
        switch (kind, feature.ValueCase)
        {
            case (FeatureKind.Number or FeatureKind.Time, Feature.ValueOneofCase.Number):
                row[column] = feature.Number;
                return true;
            case (FeatureKind.Category or FeatureKind.Hashed or FeatureKind.Tokens, Feature.ValueOneofCase.Text):
                row[column] = feature.Text;
                return true;
            case (FeatureKind.Tags or FeatureKind.Latent or FeatureKind.Bag, Feature.ValueOneofCase.Texts):
                row[column] = new JsonArray([.. feature.Texts.Values.Select(v => (JsonNode)v)]);
                return true;
            case (FeatureKind.Position, Feature.ValueOneofCase.Position):
                row[Latitude(feature.Name)] = feature.Position.Latitude;
                row[Longitude(feature.Name)] = feature.Position.Longitude;
                return true;
            default:
                return false;
        }
    }

    private JsonObject Describe()
    {
        var described = new JsonObject { ["name"] = _name, ["users"] = People(Users, _schema.User) };
        if (!_schema.Reciprocal)
        {
            described["candidates"] = People(Candidates, _schema.Candidate);
        }

        described["interactions"] = new JsonObject
        {
            ["file"] = Interactions,
            ["user"] = "user",
            ["candidate"] = "candidate",
            ["label"] = "label",
            ["columns"] = Columns(_schema.Context),
        };
        described["pairs"] = new JsonObject(
            _schema
                .PairsOrNone.Where(p =>
                    SeenOf(_schema.User).Contains(p.User)
                    && SeenOf(_schema.Reciprocal ? _schema.User : _schema.Candidate).Contains(p.Candidate)
                )
                .Select(p =>
                    KeyValuePair.Create(
                        p.Name,
                        (JsonNode?)
                            new JsonObject
                            {
                                ["type"] = Word(p.Kind),
                                ["of"] = p.User,
                                ["and"] = p.Candidate,
                            }
                    )
                )
        );
        described["split"] = new JsonObject
        {
            ["rule"] = "time",
            ["column"] = At,
            ["format"] = TimeText.Milliseconds,
        };
        return described;
    }

    private HashSet<string> SeenOf(SideSchema side)
    {
        if (!_seen.TryGetValue(side, out var seen))
        {
            _seen[side] = seen = new HashSet<string>(StringComparer.Ordinal);
        }

        return seen;
    }

    private JsonObject People(string file, SideSchema side) =>
        new()
        {
            ["file"] = file,
            ["key"] = Key,
            ["columns"] = Columns(side),
        };

    private JsonObject Columns(SideSchema side) =>
        new(
            side.Features.Where(f => f.Kind == FeatureKind.Id || SeenOf(side).Contains(f.Name))
                .Select(f => KeyValuePair.Create(f.Name, (JsonNode?)Rule(f)))
        );

    private static JsonObject Rule(FeatureSpec feature)
    {
        var rule = new JsonObject { ["type"] = Word(feature.Kind) };
        switch (feature.Kind)
        {
            case FeatureKind.Position:
                (rule["latitude"], rule["longitude"]) = (Latitude(feature.Name), Longitude(feature.Name));
                return rule;
            case FeatureKind.Id:
                rule["buckets"] = feature.Buckets;
                return rule;
            case FeatureKind.Number:
                rule["scaling"] = Word(feature.Scaling);
                break;
            case FeatureKind.Hashed or FeatureKind.Tokens:
                rule["buckets"] = feature.Buckets;
                break;
            case FeatureKind.Time:
                rule["format"] = TimeText.Seconds;
                break;
            case FeatureKind.Latent:
                rule["dimensions"] = feature.Latent!.Dimensions;
                break;
        }

        rule["column"] = Column(feature.Name);
        return rule;
    }

    private static string Column(string feature) => $"feature.{feature}";

    private static string Latitude(string feature) => $"{Column(feature)}.latitude";

    private static string Longitude(string feature) => $"{Column(feature)}.longitude";

    private static string Word<T>(T choice)
        where T : struct, Enum => ChoiceConverter<T>.Word(choice);

    private static void WriteLines(string path, IEnumerable<JsonObject> rows, CancellationToken ct)
    {
        using var writer = new StreamWriter(path);
        foreach (var row in rows)
        {
            ct.ThrowIfCancellationRequested();
            writer.Write(row.ToJsonString());
            writer.Write('\n');
        }
    }
}
