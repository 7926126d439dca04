using RalmActors.Messages.Learning;

namespace RalmActors.Trainer.Domain.Runs;

/// <summary>The widths a model reads; they follow from the feature schema.</summary>
/// <param name="User">Numbers that describe the user, at least 1.</param>
/// <param name="Item">Numbers that describe the candidate, at least 1.</param>
/// <param name="Context">Numbers that describe the pair and the moment; 0 when there are none.</param>
public sealed record InputWidths(int User, int Item, int Context);

/// <summary>Where a batch's numbers go: row by row, width by width.</summary>
public readonly ref struct BatchTarget
{
    public required Span<float> User { get; init; }

    public required Span<float> Item { get; init; }

    public required Span<float> Context { get; init; }

    public required Span<float> Labels { get; init; }
}

/// <summary>The two parts of a dataset that a run reads.</summary>
public enum Part
{
    Train,
    Valid,
}

/// <summary>A feature schema at work: raw features to a model's inputs, the same at training and at serving.</summary>
public interface IFeatureEncoder
{
    string SchemaId { get; }

    string SchemaJson { get; }

    InputWidths Widths { get; }

    void EncodeUser(Features features, Span<float> target);

    void EncodeItem(Features features, Span<float> target);

    /// <param name="user">Both sides, for what only the pair has (a distance).</param>
    void EncodeContext(Features context, Features user, Features item, Span<float> target);
}

/// <summary>A prepared dataset, open for reading.</summary>
public interface ITrainingData : IDisposable
{
    IFeatureEncoder Encoder { get; }

    int Rows(Part part);

    /// <summary>Writes the inputs and labels of these rows of the part, in this order.</summary>
    void Gather(Part part, ReadOnlySpan<int> rows, BatchTarget target);
}

/// <summary>Opens what training and serving read.</summary>
public interface ITrainingInputs
{
    /// <exception cref="InvalidDataException">The folder is no prepared dataset, or has another hash.</exception>
    ITrainingData Open(string path, string hash);

    /// <exception cref="InvalidDataException">Not a schema of this release.</exception>
    IFeatureEncoder Encoder(string schemaJson);
}
