using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Ralm.Models.Tensors;
using Ralm.Ranking.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Ralm.Models.Networks;

/// <summary>
/// The weights of one model as views into one flat vector, and their gradients likewise, so that an optimiser step is one
/// pass over two vectors instead of a dozen small operations per parameter.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    private readonly Tensor[] _views;
    private readonly FrozenDictionary<string, Tensor> _byName;

    /// <param name="trainable">False for serving: no gradients are kept.</param>
    public ParameterSet(ParameterLayout layout, Device device, bool trainable)
    {
        Layout = layout;
        using var scope = NewDisposeScope();
        Values = zeros(layout.Length, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
        Gradients = trainable
            ? zeros(layout.Length, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope()
            : null;
        _views = [.. layout.Parameters.Select(View)];
        _byName = layout.Parameters.Zip(_views).ToFrozenDictionary(p => p.First.Name, p => p.Second);
    }

    public ParameterLayout Layout { get; }

    public Tensor Values { get; }

    /// <summary><c>null</c> for a model that only serves.</summary>
    public Tensor? Gradients { get; }

    public Tensor this[string name] => _byName[name];

    public bool OnCpu => Values.device_type == DeviceType.CPU;

    /// <summary>First values, a pure function of the seed.</summary>
    public void Initialise(ulong seed)
    {
        var values = new float[Layout.Length];
        foreach (var p in Layout.Parameters.Where(p => p.Bound > 0))
        {
            for (var k = 0; k < p.Length; k++)
            {
                values[p.Offset + k] = ((2 * RandomStream.Uniform(seed, p.Offset + k)) - 1) * p.Bound;
            }
        }

        foreach (var p in Layout.Parameters.Where(p => p.Diagonal != 0))
        {
            for (var k = 0L; k < p.Shape[0]; k++)
            {
                values[p.Offset + (int)(k * (p.Shape[^1] + (p.Shape.Length > 1 ? 1 : 0)))] += p.Diagonal;
            }
        }

        Assign(values);
    }

    public void Assign(ReadOnlySpan<float> values) => FlatVector.Write(Values, values);

    public float[] Read() => FlatVector.Read(Values);

    public void Dispose()
    {
        foreach (var view in _views)
        {
            view.Dispose();
        }

        Gradients?.Dispose();
        Values.Dispose();
    }

    private Tensor View(ParameterSpec p)
    {
        var shape = ImmutableCollectionsMarshal.AsArray(p.Shape)!;
        var view = Values.narrow(0, p.Offset, p.Length).view(shape).detach();
        if (Gradients is not null)
        {
            view.requires_grad = true;
            view.grad = Gradients.narrow(0, p.Offset, p.Length).view(shape);
        }

        return view.DetachFromDisposeScope();
    }
}
