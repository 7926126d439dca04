namespace Ralm.Models.Training;

/// <summary>Where a mini-batch's numbers are written: row by row, each side in its width.</summary>
internal readonly ref struct BatchTarget
{
    public required Span<float> User { get; init; }

    public required Span<float> Item { get; init; }

    public required Span<float> Context { get; init; }

    public required Span<float> Labels { get; init; }
}
