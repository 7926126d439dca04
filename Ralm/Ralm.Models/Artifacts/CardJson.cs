using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Ralm.Ranking.Calibration;
using RalmActors.Messages.Training;

namespace Ralm.Models.Artifacts;

/// <summary>The card's form inside the file, readable by any JSON parser.</summary>
internal sealed record CardJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    public required string Model { get; init; }

    public required int TowerDim { get; init; }

    public required int HiddenDim { get; init; }

    public required int Heads { get; init; }

    public required float Dropout { get; init; }

    /// <summary>Absent in files of models without seeds.</summary>
    public int SeedClusters { get; init; }

    public float SeedPrior { get; init; }

    public required string SchemaId { get; init; }

    public required ImmutableSortedDictionary<string, double> Metrics { get; init; }

    public required string Parent { get; init; }

    public required string DatasetHash { get; init; }

    /// <summary>A TrainingConfig in the protobuf JSON mapping. Absent in older files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Training { get; init; }

    /// <summary>Absent where the model's own probabilities are told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CalibrationJson? Calibration { get; init; }

    private static readonly JsonFormatter Formatter = new(
        JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatDefaultValues(true)
    );

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static CardJson From(ModelCard card) =>
        new()
        {
            Model = card.Model.Model,
            TowerDim = card.Model.TowerDim,
            HiddenDim = card.Model.HiddenDim,
            Heads = card.Model.Heads,
            Dropout = card.Model.Dropout,
            SeedClusters = card.Model.SeedClusters,
            SeedPrior = card.Model.SeedPrior,
            SchemaId = card.SchemaId,
            Metrics = card.Metrics,
            Parent = card.Parent,
            DatasetHash = card.DatasetHash,
            Training = card.Training is { } used
                ? JsonSerializer.Deserialize<JsonElement>(Formatter.Format(used))
                : null,
            Calibration = CalibrationJson.From(card.Calibration),
        };

    /// <exception cref="InvalidDataException">A field is missing or has another type.</exception>
    public static CardJson Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<CardJson>(json, Options) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the model card does not parse: {e.Message}", e);
        }
    }

    /// <exception cref="InvalidDataException">Its calibration is none of ours.</exception>
    public ModelCard ToCard(string schemaJson) =>
        new()
        {
            Model = new ModelConfig
            {
                Model = Model,
                TowerDim = TowerDim,
                HiddenDim = HiddenDim,
                Heads = Heads,
                Dropout = Dropout,
                SeedClusters = SeedClusters,
                SeedPrior = SeedPrior,
            },
            SchemaJson = schemaJson,
            SchemaId = SchemaId,
            Metrics = Metrics,
            Parent = Parent,
            DatasetHash = DatasetHash,
            Training = Training is { } used ? Parser.Parse<TrainingConfig>(used.GetRawText()) : null,
            Calibration = Calibration?.ToCalibration() ?? ScoreCalibration.None,
        };
}
