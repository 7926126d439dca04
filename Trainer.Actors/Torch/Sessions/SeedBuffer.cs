using RalmActors.Trainer.Torch.Models;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>One mini-batch's seeds of one side, written row by row.</summary>
internal sealed class SeedBuffer(int clusters, int width, int rows) : IDisposable
{
    private readonly Tensor _centres = Allocate(rows, clusters, width);
    private readonly Tensor _logSizes = Allocate(rows, clusters);
    private readonly Tensor _counts = Allocate(rows, 1);

    /// <summary>A row's place: clusters × width, clusters, 1.</summary>
    public void Write(int row, SeedTable? seeds, int candidate, int except)
    {
        var centres = FlatVector.Span(_centres).Slice(row * clusters * width, clusters * width);
        var logSizes = FlatVector.Span(_logSizes).Slice(row * clusters, clusters);
        if (seeds is null)
        {
            SeedTable.WriteNone(centres, logSizes);
        }

        FlatVector.Span(_counts)[row] = seeds?.Write(candidate, except, centres, logSizes) ?? 0;
    }

    /// <summary>The same of seeds as a serving node has them.</summary>
    public void Write(int row, LiveSeeds? seeds, string except)
    {
        var centres = FlatVector.Span(_centres).Slice(row * clusters * width, clusters * width);
        var logSizes = FlatVector.Span(_logSizes).Slice(row * clusters, clusters);
        SeedTable.WriteNone(centres, logSizes);
        FlatVector.Span(_counts)[row] = seeds?.Write(except, centres, logSizes) ?? 0;
    }

    public SeedInput Read(int count, Func<Tensor, int, Tensor> on) =>
        new(on(_centres, count), on(_logSizes, count), on(_counts, count));

    public void Dispose()
    {
        _centres.Dispose();
        _logSizes.Dispose();
        _counts.Dispose();
    }

    private static Tensor Allocate(params long[] size) =>
        zeros(size, dtype: ScalarType.Float32).DetachFromDisposeScope();
}
