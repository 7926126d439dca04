using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace Ralm.Datasets.Descriptions;

/// <summary>
/// What a user writes about a data set: two tables, the columns' types, the label, and how to split. Unknown keys are
/// refused by name. docs/datasets.md has an example.
/// </summary>
public sealed record DatasetDescription
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        Converters =
        {
            new ChoiceConverter<FeatureKind>(),
            new ChoiceConverter<Scaling>(),
            new ChoiceConverter<PairKind>(),
            new ChoiceConverter<SplitKind>(),
        },
    };

    public required string Name { get; init; }

    public required PeopleTable Users { get; init; }

    /// <summary>Absent: candidates are users.</summary>
    public PeopleTable? Candidates { get; init; }

    public required InteractionTable Interactions { get; init; }

    public HistoryTable? History { get; init; }

    /// <summary>Made of a feature of either side.</summary>
    public ImmutableSortedDictionary<string, PairRule> Pairs { get; init; } =
        ImmutableSortedDictionary<string, PairRule>.Empty;

    /// <summary>Who responded was responded to: ties, not swipes. Candidates are users then.</summary>
    public bool Mutual { get; init; }

    public SplitRule Split { get; init; } = new();

    /// <summary>Cells that mean "missing", beside the empty one.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>Of its tables, as they are written.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Files =>
        [.. ((string?[])[Users.File, Candidates?.File, Interactions.File, History?.File]).OfType<string>()];

    /// <exception cref="FormatException">Not JSON, an unknown key, or a broken rule; the message names it.</exception>
    public static DatasetDescription Parse(string json)
    {
        DatasetDescription description;
        try
        {
            description =
                JsonSerializer.Deserialize<DatasetDescription>(json, Json) ?? throw new FormatException("is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException(
                e.Path == "$.rows"
                    ? "$.rows makes a stream, which ./ralm stream reads (docs/streams.md); here users and interactions are wanted"
                    : JsonFault.Of(e),
                e
            );
        }

        if (Ids.Check("name", description.Name) is { } bad)
        {
            // It is the family's name, and part of the run's.
            throw new FormatException($"{bad.Field} \"{bad.Value}\" {bad.Rule}");
        }

        Check("users", description.Users.Format, description.Users.File, description.Users.Columns);
        if (description.Candidates is { } candidates)
        {
            Check("candidates", candidates.Format, candidates.File, candidates.Columns);
        }

        var interactions = description.Interactions;
        Check("interactions", interactions.Format, interactions.File, interactions.Columns);
        description.History?.Format.Check("history", description.History.File);
        if (description.Interactions.Columns.FirstOrDefault(c => c.Value.Type == FeatureKind.Id).Key is { } context)
        {
            throw new FormatException(
                $"interactions.columns.{context}.type id is for people, not for what happens between them"
            );
        }

        description.CheckPairs();
        TimeText.Check("history.time_format", description.History?.TimeFormat);
        description.Split.Check();
        if (description.Mutual && description.Candidates is not null)
        {
            throw new FormatException("mutual true needs candidates that are users");
        }

        if (description.History is { } history && history.Time is null == (description.Split.Rule == SplitKind.Time))
        {
            throw new FormatException(
                history.Time is null
                    ? "history.time must be set: with split.rule time only responses before the validation rows are known"
                    : $"history.time is for split.rule time, not for {ChoiceConverter<SplitKind>.Word(description.Split.Rule)}"
            );
        }

        return description;
    }

    private static void Check(string where, ColumnRule rule)
    {
        try
        {
            rule.Recipe.Check();
        }
        catch (FormatException e)
        {
            throw new FormatException($"{where}.{e.Message}", e);
        }

        foreach (
            var (key, value) in new[]
            {
                ("max_values", rule.MaxValues),
                ("buckets", rule.Buckets),
                ("dimensions", rule.Dimensions),
            }
        )
        {
            if (value == 0)
            {
                throw new FormatException($"{where}.{key} 0 must be at least 1; leave it out for the default");
            }
        }

        if (rule.Type == FeatureKind.Position != (rule is { Latitude: not null, Longitude: not null }))
        {
            throw new FormatException(
                rule.Type == FeatureKind.Position
                    ? $"{where} of type position must have latitude and longitude, the columns that hold them"
                    : $"{where}.{(rule.Latitude is null ? "longitude" : "latitude")} is for type position"
            );
        }

        if (rule.Latitude is { } same && same == rule.Longitude)
        {
            throw new FormatException($"{where}.longitude \"{same}\" must be another column than latitude");
        }

        if (rule.Separator is not null && rule.Type is not (FeatureKind.Tags or FeatureKind.Latent or FeatureKind.Bag))
        {
            throw new FormatException($"{where}.separator \"{rule.Separator}\" is for tags, latent and bag");
        }
    }

    private void CheckPairs()
    {
        foreach (var (name, rule) in Pairs)
        {
            CheckPair($"pairs.{name}.of", rule.Of, rule.Type, "users", Users);
            var candidates = Candidates is null ? "users" : "candidates";
            CheckPair(
                $"pairs.{name}.{(rule.And is null ? "of" : "and")}",
                rule.And ?? rule.Of,
                rule.Type,
                candidates,
                Candidates ?? Users
            );
        }
    }

    private static void CheckPair(string where, string feature, PairKind kind, string table, PeopleTable people)
    {
        if (!people.Inputs.TryGetValue(feature, out var column))
        {
            throw new FormatException(
                $"{where} \"{feature}\" is no feature of {table}; it has {string.Join(", ", people.Inputs.Keys)}"
            );
        }

        FeatureKind[] fit = kind switch
        {
            PairKind.Distance => [FeatureKind.Position],
            PairKind.Overlap => [FeatureKind.Tags, FeatureKind.Latent, FeatureKind.Bag],
            PairKind.SameCell => [FeatureKind.Position, FeatureKind.Tags, FeatureKind.Latent, FeatureKind.Bag],
            _ => [.. Enum.GetValues<FeatureKind>().Where(k => k != FeatureKind.Bag)],
        };
        if (!fit.Contains(column.Type))
        {
            throw new FormatException(
                $"{where} \"{feature}\" is of type {ChoiceConverter<FeatureKind>.Word(column.Type)}; {ChoiceConverter<PairKind>.Word(kind)} is of {string.Join(" or ", fit.Select(ChoiceConverter<FeatureKind>.Word))}"
            );
        }
    }

    internal static void Check(
        string where,
        TableFormat format,
        string file,
        IReadOnlyDictionary<string, ColumnRule> columns
    )
    {
        format.Check(where, file);
        if (columns.Count > FeatureRules.MaxFeatures)
        {
            throw new FormatException(
                $"{where}.columns has {columns.Count} features: must be at most {FeatureRules.MaxFeatures}"
            );
        }

        foreach (var (name, rule) in columns)
        {
            if (rule is null)
            {
                throw new FormatException($"$.{where}.columns.{name} must not be null");
            }

            if (FeatureRules.CheckName($"{where}.columns", name) is { } bad)
            {
                throw new FormatException($"{bad.Field} \"{bad.Value}\" {bad.Rule}");
            }

            Check($"{where}.columns.{name}", rule);
            if (rule.Format is { } said && rule.Type != FeatureKind.Time)
            {
                throw new FormatException(
                    $"{where}.columns.{name}.format \"{said}\" is for type time; how numbers are written {where}.format says"
                );
            }

            if (rule is { Type: FeatureKind.Id, Column: { } other })
            {
                throw new FormatException(
                    $"{where}.columns.{name}.column \"{other}\" is not for type id: the key is read"
                );
            }

            TimeText.Check($"{where}.columns.{name}.format", rule.Format);
        }
    }
}

/// <summary>A table of people (or things): one row each.</summary>
public sealed record PeopleTable
{
    public required string File { get; init; }

    public TableFormat Format { get; init; } = TableFormat.Default;

    /// <summary>The column that names the row; unique.</summary>
    public required string Key { get; init; }

    /// <summary>Nothing is known of them but who they are, where there are none.</summary>
    public ImmutableSortedDictionary<string, ColumnRule> Columns { get; init; } =
        ImmutableSortedDictionary<string, ColumnRule>.Empty;

    /// <summary>As they enter a model: at least who it is.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, ColumnRule> Inputs =>
        Columns.IsEmpty ? Columns.Add("id", new ColumnRule { Type = FeatureKind.Id }) : Columns;
}

/// <summary>A table of what happened between two rows of the people tables.</summary>
public sealed record InteractionTable
{
    public required string File { get; init; }

    public TableFormat Format { get; init; } = TableFormat.Default;

    public required string User { get; init; }

    public required string Candidate { get; init; }

    /// <summary>A number from 0 to 1; 1 is the outcome wished for.</summary>
    public required string Label { get; init; }

    /// <summary>Context: what belongs to neither side alone.</summary>
    public ImmutableSortedDictionary<string, ColumnRule> Columns { get; init; } =
        ImmutableSortedDictionary<string, ColumnRule>.Empty;
}

/// <summary>How one feature is read; its name is the key it stands under.</summary>
public sealed record ColumnRule
{
    public required FeatureKind Type { get; init; }

    /// <summary>Default: the feature's name. Position has <see cref="Latitude"/> and <see cref="Longitude"/>.</summary>
    public string? Column { get; init; }

    public string? Latitude { get; init; }

    public string? Longitude { get; init; }

    /// <summary>
    /// Time: how it is written, as in <c>dd/MM/yyyy HH:mm</c>, or <c>unix_seconds</c>, <c>unix_milliseconds</c>,
    /// <c>unix_microseconds</c>. Default: ISO 8601, or seconds since 1970 that can be nothing else.
    /// </summary>
    public string? Format { get; init; }

    /// <summary>Between tags in a text. Default <c>|</c>. Lists of JSON and Parquet are lists.</summary>
    public string? Separator { get; init; }

    /// <summary>Category, tags and latent: values kept. Default 64; latent 8,192.</summary>
    public int? MaxValues { get; init; }

    /// <summary>Number: standard (default), min_max or quantile.</summary>
    public Scaling Scaling { get; init; }

    /// <summary>Hashed and tokens. Default 64.</summary>
    public int? Buckets { get; init; }

    /// <summary>Latent. Default 32.</summary>
    public int? Dimensions { get; init; }

    public FeatureRecipe Recipe => new(Type, Scaling, MaxValues ?? 0, Buckets ?? 0, Dimensions ?? 0);
}

/// <summary>A pair feature; its name is the key it stands under.</summary>
public sealed record PairRule
{
    public required PairKind Type { get; init; }

    /// <summary>The user's feature that it is made of.</summary>
    public required string Of { get; init; }

    /// <summary>The candidate's feature. Default: the same name.</summary>
    public string? And { get; init; }
}

/// <summary>Responses of an earlier time, all of them positive: they make seeds, and are never scored.</summary>
public sealed record HistoryTable
{
    public required string File { get; init; }

    public TableFormat Format { get; init; } = TableFormat.Default;

    public required string User { get; init; }

    public required string Candidate { get; init; }

    /// <summary>When it was; wanted where the split is by time.</summary>
    public string? Time { get; init; }

    /// <summary>How <see cref="Time"/> is written; as <see cref="ColumnRule.Format"/>.</summary>
    public string? TimeFormat { get; init; }
}
