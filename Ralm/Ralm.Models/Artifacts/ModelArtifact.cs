using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ralm.Ranking.Calibration;
using RalmActors.Messages.Training;

namespace Ralm.Models.Artifacts;

/// <summary>What a model file says about itself.</summary>
public sealed record ModelCard
{
    public required ModelConfig Model { get; init; }

    /// <summary>The feature schema that turns raw features into this model's inputs, as JSON.</summary>
    public required string SchemaJson { get; init; }

    public required string SchemaId { get; init; }

    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = MetricsOf();

    /// <summary>The artefact it grew from; empty for a first one.</summary>
    public string Parent { get; init; } = "";

    public string DatasetHash { get; init; } = "";

    /// <summary>How a run trained it, every choice made; <c>null</c> where that is not known.</summary>
    public TrainingConfig? Training { get; init; }

    /// <summary>What is made of the model's log odds before a probability is told; files of before it have none.</summary>
    public ScoreCalibration Calibration { get; init; } = ScoreCalibration.None;

    public static ImmutableSortedDictionary<string, double> MetricsOf(
        params ReadOnlySpan<(string Name, double Value)> metrics
    )
    {
        var named = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in metrics)
        {
            if (double.IsFinite(value))
            {
                named[name] = value;
            }
        }

        return named.ToImmutable();
    }
}

/// <summary>Optimiser state and data cursor: with the weights, all that a resumed training needs.</summary>
/// <param name="Optimizer">adam or sgd.</param>
/// <param name="Steps">Steps taken so far.</param>
/// <param name="Epoch">Epochs completed, for an offline run; batches applied, for a lineage.</param>
public sealed record TrainingCursor(string Optimizer, long Steps, long Epoch);

/// <summary>What a model that is updated online remembers beside its weights.</summary>
/// <param name="Text">Whatever is no tensor.</param>
public sealed record OnlineMemory(ImmutableArray<NamedTensor> Tensors, string Text);

/// <summary>A model as it is kept: weights, optionally optimiser state and cursor, and its card.</summary>
/// <param name="State">Optimiser tensors, named as the weights they belong to with the optimiser's suffix.</param>
public sealed record ModelArtifact(
    ModelCard Card,
    ImmutableArray<NamedTensor> Weights,
    ImmutableArray<NamedTensor> State,
    TrainingCursor? Cursor
)
{
    // Slashes never occur in a parameter's name.
    private const string StatePrefix = "optimizer/";
    private const string MemoryPrefix = "memory/";

    /// <summary>Of a checkpoint that goes on learning; null: it remembers nothing.</summary>
    public OnlineMemory? Memory { get; init; }

    public string WeightsHash => SafeTensors.WeightsHash(Weights);

    public byte[] ToBytes()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = "ralm-1",
            ["model"] = JsonSerializer.Serialize(CardJson.From(Card), CardJson.Options),
            ["schema"] = Card.SchemaJson,
        };
        if (Cursor is not null)
        {
            metadata["optimizer"] = Cursor.Optimizer;
            metadata["steps"] = Cursor.Steps.ToString(CultureInfo.InvariantCulture);
            metadata["epoch"] = Cursor.Epoch.ToString(CultureInfo.InvariantCulture);
        }

        if (Memory is not null)
        {
            metadata["memory"] = Memory.Text;
        }

        return SafeTensors.Write(
            [.. Weights, .. Named(StatePrefix, State), .. Named(MemoryPrefix, Memory?.Tensors ?? [])],
            metadata
        );
    }

    /// <exception cref="InvalidDataException">Not a model file of ours.</exception>
    public static ModelArtifact FromBytes(ReadOnlySpan<byte> bytes)
    {
        var (tensors, metadata) = SafeTensors.Read(bytes);
        if (metadata.GetValueOrDefault("format") != "ralm-1")
        {
            throw new InvalidDataException($"format \"{metadata.GetValueOrDefault("format")}\" is not ralm-1");
        }

        var card = CardJson.Parse(metadata["model"]).ToCard(metadata.GetValueOrDefault("schema", ""));
        var kinds = tensors.ToLookup(PrefixOf);
        var cursor = metadata.TryGetValue("optimizer", out var optimizer)
            ? new TrainingCursor(
                optimizer,
                long.Parse(metadata["steps"], CultureInfo.InvariantCulture),
                long.Parse(metadata["epoch"], CultureInfo.InvariantCulture)
            )
            : null;
        return new(card, [.. kinds[""]], Unnamed(StatePrefix), cursor)
        {
            Memory = metadata.TryGetValue("memory", out var memory)
                ? new OnlineMemory(Unnamed(MemoryPrefix), memory)
                : null,
        };

        ImmutableArray<NamedTensor> Unnamed(string prefix) =>
            [.. kinds[prefix].Select(t => t with { Name = t.Name[prefix.Length..] })];
    }

    private static IEnumerable<NamedTensor> Named(string prefix, ImmutableArray<NamedTensor> tensors) =>
        tensors.Select(t => t with { Name = prefix + t.Name });

    private static string PrefixOf(NamedTensor tensor) =>
        tensor.Name.StartsWith(StatePrefix, StringComparison.Ordinal) ? StatePrefix
        : tensor.Name.StartsWith(MemoryPrefix, StringComparison.Ordinal) ? MemoryPrefix
        : "";
}
