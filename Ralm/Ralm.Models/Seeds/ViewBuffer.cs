using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Seeds;

/// <summary>Views of some rows' clusters, written row by row and read as tensors.</summary>
/// <param name="clusters">Most of a row.</param>
internal sealed class ViewBuffer(int clusters, int width, int rows, Device device) : IDisposable
{
    private readonly Tensor _compared = FlatVector.Allocate(rows * clusters * width);
    private readonly Tensor _lengths = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _logSizes = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _logits = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _counts = FlatVector.Allocate(rows, 1);
    private int _room = clusters;

    /// <summary>Room for so many clusters in each row; what was written before is void.</summary>
    public void Narrow(int room) => _room = room;

    /// <param name="count">Seeds in these clusters.</param>
    public void Write(int row, CachedClusterView view, int count)
    {
        Replace(row, 0, view);
        var used = view.Lengths.Length;
        // Of the others what they have to say counts nothing, whatever it is: it must only be a number.
        Row(_compared, row, width)[(used * width)..].Clear();
        Row(_lengths, row)[used..].Fill(1);
        Row(_logSizes, row)[used..].Fill(SeedTable.None);
        Row(_logits, row)[used..].Fill(SeedTable.None);
        FlatVector.Span(_counts)[row] = count;
    }

    /// <summary>Other clusters in the place of some that were written.</summary>
    public void Replace(int row, int from, CachedClusterView by)
    {
        by.Compared.CopyTo(Row(_compared, row, width)[(from * width)..]);
        by.Lengths.CopyTo(Row(_lengths, row)[from..]);
        by.LogSizes.CopyTo(Row(_logSizes, row)[from..]);
        by.Logits.CopyTo(Row(_logits, row)[from..]);
    }

    public (ClusterView Clusters, Tensor Counts) Read(int count) =>
        (
            new ClusterView(
                FlatVector.Part(_compared, 0, count * _room * width, device).view(count, _room, width),
                FlatVector.Part(_lengths, 0, count * _room, device).view(count, _room),
                FlatVector.Part(_logSizes, 0, count * _room, device).view(count, _room),
                FlatVector.Part(_logits, 0, count * _room, device).view(count, _room)
            ),
            FlatVector.Part(_counts, 0, count, device)
        );

    public void Dispose()
    {
        _compared.Dispose();
        _lengths.Dispose();
        _logSizes.Dispose();
        _logits.Dispose();
        _counts.Dispose();
    }

    private Span<float> Row(Tensor of, int row, int each = 1) =>
        FlatVector.Span(of).Slice(row * _room * each, _room * each);
}
