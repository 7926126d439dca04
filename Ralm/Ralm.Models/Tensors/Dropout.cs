using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Ralm.Ranking.Randomness;
using static TorchSharp.torch;

namespace Ralm.Models.Tensors;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014) whose masks are a pure function of a seed: a resumed batch drops the same
/// units, and no other thread's draw can change them, as it would with libtorch's process-wide generator.
/// </summary>
/// <remarks>
/// Four interleaved xorshift128+ generators (Vigna 2017), 16 bits per unit, so a rate is met to 1/65,536. Masks live in
/// buffers that the next batch overwrites.
/// </remarks>
public sealed class Dropout(Device device) : IDisposable
{
    private readonly List<Tensor> _buffers = [];
    private int _next;
    private Vector256<ulong> _a;
    private Vector256<ulong> _b;

    /// <summary>Off: evaluation and serving.</summary>
    public static Dropout? None => null;

    /// <summary>Starts a batch; without a seed nothing is dropped.</summary>
    public Dropout? Of(ulong? seed)
    {
        if (seed is { } given)
        {
            Begin(given);
        }

        return seed is null ? None : this;
    }

    /// <summary>Starts a batch: every mask from here on follows from this seed and the order of the calls.</summary>
    public void Begin(ulong seed)
    {
        _next = 0;
        Span<ulong> state = stackalloc ulong[8];
        for (var k = 0; k < state.Length; k++)
        {
            state[k] = RandomStream.Mix(seed, (ulong)k) | 1;
        }

        _a = Vector256.Create<ulong>(state[..4]);
        _b = Vector256.Create<ulong>(state[4..]);
    }

    /// <summary>rows × columns of 0 (dropped) or 1/(1-rate).</summary>
    /// <param name="rate">0 to 0.9.</param>
    public Tensor Mask(long rows, long columns, float rate)
    {
        var length = rows * columns;
        var buffer = Buffer(_next++, length);
        var mask = FlatVector.Span(buffer)[..(int)length];
        Fill(mask, rate);
        var view = buffer.narrow(0, 0, length).view(rows, columns);
        return device.type == TorchSharp.DeviceType.CPU ? view : view.to(device);
    }

    /// <summary>rows × 1 of 1, or 0 for the others.</summary>
    /// <param name="share">Of ones.</param>
    public Tensor Choice(long rows, float share) => Mask(rows, 1, 1 - share).Times(share);

    public void Dispose() => _buffers.ForEach(b => b.Dispose());

    private Tensor Buffer(int index, long length)
    {
        if (index < _buffers.Count && _buffers[index].numel() >= length)
        {
            return _buffers[index];
        }

        var fresh = zeros(length, dtype: ScalarType.Float32).DetachFromDisposeScope();
        if (index == _buffers.Count)
        {
            _buffers.Add(fresh);
        }
        else
        {
            _buffers[index].Dispose();
            _buffers[index] = fresh;
        }

        return fresh;
    }

    private void Fill(Span<float> mask, float rate)
    {
        var limit = Vector256.Create((ushort)MathF.Round(rate * 65536));
        var keep = Vector256.Create(BitConverter.SingleToInt32Bits(1 / (1 - rate)));
        Span<int> tail = stackalloc int[16];
        while (mask.Length > 0)
        {
            var kept = Vector256.GreaterThanOrEqual(Next().AsUInt16(), limit).AsInt16();
            var (low, high) = Vector256.Widen(kept);
            if (mask.Length >= 16)
            {
                var target = MemoryMarshal.Cast<float, int>(mask);
                (low & keep).CopyTo(target);
                (high & keep).CopyTo(target[8..]);
                mask = mask[16..];
                continue;
            }

            (low & keep).CopyTo(tail);
            (high & keep).CopyTo(tail[8..]);
            MemoryMarshal.Cast<int, float>(tail)[..mask.Length].CopyTo(mask);
            break;
        }
    }

    private Vector256<ulong> Next()
    {
        var x = _a;
        var y = _b;
        _a = y;
        x ^= x << 23;
        _b = x ^ y ^ (x >> 18) ^ (y >> 5);
        return _b + y;
    }
}
