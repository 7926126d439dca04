using RalmActors.Trainer.Torch.Models;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>Views of some rows' clusters, written row by row and read as tensors.</summary>
/// <param name="clusters">Most of a row.</param>
internal sealed class ViewBuffer(int clusters, int width, int rows, Device device) : IDisposable
{
    private readonly Tensor _compared = FlatVector.Allocate(rows * clusters * width);
    private readonly Tensor _lengths = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _logSizes = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _shares = FlatVector.Allocate(rows * clusters);
    private readonly Tensor _counts = FlatVector.Allocate(rows, 1);
    private int _room = clusters;

    /// <summary>Room for so many clusters in each row; what was written before is void.</summary>
    public void Narrow(int room) => _room = room;

    /// <param name="count">Seeds in these clusters.</param>
    public void Write(int row, ClusterView view, int count)
    {
        Write(_compared, row, view.Compared, width, 0);
        Write(_lengths, row, view.Lengths, 1, 1);
        Write(_logSizes, row, view.LogSizes, 1, SeedTable.None);
        Write(_shares, row, view.Shares, 1, 0);
        FlatVector.Span(_counts)[row] = count;
    }

    public SeedView Read(int count) =>
        new(
            FlatVector.Part(_compared, 0, count * _room * width, device).view(count, _room, width),
            FlatVector.Part(_lengths, 0, count * _room, device).view(count, _room),
            FlatVector.Part(_logSizes, 0, count * _room, device).view(count, _room),
            FlatVector.Part(_shares, 0, count * _room, device).view(count, _room),
            FlatVector.Part(_counts, 0, count, device)
        );

    public void Dispose()
    {
        _compared.Dispose();
        _lengths.Dispose();
        _logSizes.Dispose();
        _shares.Dispose();
        _counts.Dispose();
    }

    /// <param name="empty">What stands for clusters without seeds.</param>
    private void Write(Tensor to, int row, float[] values, int each, float empty)
    {
        var target = FlatVector.Span(to).Slice(row * _room * each, _room * each);
        values.CopyTo(target);
        target[values.Length..].Fill(empty);
    }
}
