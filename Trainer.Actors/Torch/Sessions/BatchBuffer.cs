using RalmActors.Trainer.Torch.Models;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Torch.Sessions;

/// <summary>One mini-batch's numbers, written row by row and read as tensors; the next batch overwrites them.</summary>
internal sealed class BatchBuffer(InputWidths widths, Device device) : IDisposable
{
    private Tensor? _user;
    private Tensor? _item;
    private Tensor? _context;
    private Tensor? _labels;
    private int _capacity;

    /// <summary>Room for that many rows; what was written before is void.</summary>
    public BatchTarget Target(int rows)
    {
        Reserve(rows);
        return new BatchTarget
        {
            User = FlatVector.Span(_user!)[..(rows * widths.User)],
            Item = FlatVector.Span(_item!)[..(rows * widths.Item)],
            Context = _context is null ? default : FlatVector.Span(_context)[..(rows * widths.Context)],
            Labels = FlatVector.Span(_labels!)[..rows],
        };
    }

    /// <summary>The first rows as the model reads them. Valid inside the current dispose scope.</summary>
    public (ModelInput Input, Tensor Labels) Read(int rows) =>
        (
            new ModelInput(On(_user!, rows), On(_item!, rows), _context is null ? null : On(_context, rows)),
            On(_labels!, rows)
        );

    public void Dispose()
    {
        _user?.Dispose();
        _item?.Dispose();
        _context?.Dispose();
        _labels?.Dispose();
        (_user, _item, _context, _labels, _capacity) = (null, null, null, null, 0);
    }

    private Tensor On(Tensor all, int rows)
    {
        var part = all.narrow(0, 0, rows);
        return device.type == TorchSharp.DeviceType.CPU ? part : part.to(device);
    }

    private void Reserve(int rows)
    {
        if (rows <= _capacity)
        {
            return;
        }

        Dispose();
        _user = Allocate(rows, widths.User);
        _item = Allocate(rows, widths.Item);
        _context = widths.Context == 0 ? null : Allocate(rows, widths.Context);
        _labels = Allocate(rows);
        _capacity = rows;
    }

    private static Tensor Allocate(params long[] size) =>
        zeros(size, dtype: ScalarType.Float32).DetachFromDisposeScope();
}
