using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ralm.Models.Tensors;

/// <summary>Float vectors between managed memory and a device.</summary>
internal static class FlatVector
{
    /// <summary>The tensor's own memory; only for a contiguous float tensor on the CPU, while it is alive.</summary>
    public static Span<float> Span(Tensor onCpu) => MemoryMarshal.Cast<byte, float>(onCpu.bytes);

    /// <summary>Memory on the CPU that outlives dispose scopes.</summary>
    public static Tensor Allocate(params long[] size) =>
        zeros(size, dtype: ScalarType.Float32).DetachFromDisposeScope();

    /// <summary>Some of a buffer's rows, on a device.</summary>
    public static Tensor Part(Tensor all, int from, int rows, Device device)
    {
        var part = all.narrow(0, from, rows);
        return device.type == DeviceType.CPU ? part : part.to(device);
    }

    public static void Write(Tensor target, ReadOnlySpan<float> values)
    {
        if (values.Length != target.numel())
        {
            throw new ArgumentException($"{values.Length} values for {target.numel()} places", nameof(values));
        }

        if (target.device_type == DeviceType.CPU)
        {
            values.CopyTo(Span(target));
            return;
        }

        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        target.copy_(tensor(values.ToArray()).view(target.shape));
    }

    public static float[] Read(Tensor source)
    {
        var values = new float[source.numel()];
        Read(source, values);
        return values;
    }

    public static void Read(Tensor source, Span<float> to)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        Span(OnCpu(source)).CopyTo(to);
    }

    /// <summary>Contiguous, so that its memory can be read; the tensor itself where it is so already.</summary>
    public static Tensor OnCpu(Tensor source) =>
        (source.device_type == DeviceType.CPU ? source : source.cpu()).contiguous();
}
