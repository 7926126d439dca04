using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Seeds;

/// <summary>One mini-batch's seeds of one side, written row by row.</summary>
internal sealed class SeedBuffer(int clusters, int width, int rows) : IDisposable
{
    private readonly int _clusters = clusters;
    private readonly Tensor _centres = FlatVector.Allocate(rows * clusters * width);
    private readonly Tensor _logSizes = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _counts = FlatVector.Allocate(rows, 1);

    /// <summary>Clusters of a row.</summary>
    private int _room = clusters;

    /// <summary>Each row gets room for so many clusters only; what was written before is void.</summary>
    /// <param name="room">1 or more; whoever has more clusters with seeds than that must not be written.</param>
    public void Narrow(int room) => _room = Math.Clamp(room, 1, _clusters);

    public void Write(int row, SeedTable? seeds, int candidate, int except, long before)
    {
        var centres = CentresOf(row);
        var logSizes = LogSizesOf(row);
        if (seeds is null)
        {
            SeedTable.WriteNone(centres, logSizes);
        }

        FlatVector.Span(_counts)[row] = seeds?.Write(candidate, except, before, centres, logSizes) ?? 0;
    }

    /// <summary>The same of seeds as a serving node has them.</summary>
    /// <param name="except">Null: nobody.</param>
    public void Write(int row, LiveSeeds? seeds, string? except)
    {
        var centres = CentresOf(row);
        var logSizes = LogSizesOf(row);
        SeedTable.WriteNone(centres, logSizes);
        FlatVector.Span(_counts)[row] = seeds?.Write(except, centres, logSizes) ?? 0;
    }

    public SeedInput Read(int count, Func<Tensor, int, Tensor> on) =>
        new(
            on(_centres, count * _room * width).view(count, _room, width),
            on(_logSizes, count * _room).view(count, _room),
            on(_counts, count)
        );

    public void Dispose()
    {
        _centres.Dispose();
        _logSizes.Dispose();
        _counts.Dispose();
    }

    private Span<float> CentresOf(int row) => FlatVector.Span(_centres).Slice(row * _room * width, _room * width);

    private Span<float> LogSizesOf(int row) => FlatVector.Span(_logSizes).Slice(row * _room, _room);
}
