using System.Numerics;
using System.Runtime.InteropServices;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015) with PyTorch's defaults: decay 0.9 and 0.999, epsilon 1e-8, weight decay as an L2 gradient.
/// As AdamW (Loshchilov and Hutter 2019) the decay is taken off the weights before the step, times the learning rate, and
/// has no part in the moments.
/// </summary>
/// <remarks>On the CPU one vectorised pass over all parameters; on another device the same as tensor operations.</remarks>
public sealed class Adam : IOptimizer
{
    public const string OptimizerName = "adam";

    public const string DecoupledName = "adamw";

    private const double Decay1 = 0.9;
    private const double Decay2 = 0.999;
    private const float Epsilon = 1e-8f;

    private readonly OptimizerConfig _config;
    private readonly float _penalty;
    private readonly double _decay;
    private readonly Tensor _mean;
    private readonly Tensor _square;

    public Adam(OptimizerConfig config, ParameterSet weights)
    {
        _config = config;
        var isDecoupled = config.Name == DecoupledName;
        _penalty = isDecoupled ? 0 : config.WeightDecay;
        _decay = isDecoupled ? config.WeightDecay : 0;
        _mean = zeros_like(weights.Values).DetachFromDisposeScope();
        _square = zeros_like(weights.Values).DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["exp_avg"] = _mean,
            ["exp_avg_sq"] = _square,
        };
    }

    public string Name => _config.Name;

    public long Steps { get; set; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public void Step(ParameterSet weights, Range part, double share = 1)
    {
        Steps++;
        var rate = _config.LearningRate * share;
        var step = (float)(rate / (1 - Math.Pow(Decay1, Steps)));
        var root = (float)(1 / Math.Sqrt(1 - Math.Pow(Decay2, Steps)));
        if (_decay > 0)
        {
            Shrink(weights, part, (float)(1 - (rate * _decay)));
        }

        if (weights.OnCpu)
        {
            StepInPlace(weights, part, step, root);
        }
        else
        {
            StepOnDevice(weights, part, step, root);
        }
    }

    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }

    private static void Shrink(ParameterSet weights, Range part, float by)
    {
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        using var values = weights.Values.narrow(0, from, length);
        values.MultiplyBy(by);
    }

    private void StepInPlace(ParameterSet weights, Range part, float step, float root)
    {
        var w = FlatVector.Span(weights.Values)[part];
        var g = FlatVector.Span(weights.Gradients!)[part];
        var m = FlatVector.Span(_mean)[part];
        var v = FlatVector.Span(_square)[part];
        var vectors = w.Length - (w.Length % Vector<float>.Count);
        var vw = AsVectors(w);
        var vg = AsVectors(g);
        var vm = AsVectors(m);
        var vv = AsVectors(v);
        for (var k = 0; k < vw.Length; k++)
        {
            var gradient = vg[k] + (vw[k] * _penalty);
            vm[k] = (vm[k] * (float)Decay1) + (gradient * (float)(1 - Decay1));
            vv[k] = (vv[k] * (float)Decay2) + (gradient * gradient * (float)(1 - Decay2));
            vw[k] -= vm[k] * step / ((Vector.SquareRoot(vv[k]) * root) + new Vector<float>(Epsilon));
        }

        for (var k = vectors; k < w.Length; k++)
        {
            var gradient = g[k] + (w[k] * _penalty);
            m[k] = (m[k] * (float)Decay1) + (gradient * (float)(1 - Decay1));
            v[k] = (v[k] * (float)Decay2) + (gradient * gradient * (float)(1 - Decay2));
            w[k] -= m[k] * step / ((MathF.Sqrt(v[k]) * root) + Epsilon);
        }

        g.Clear();
    }

    internal void StepOnDevice(ParameterSet weights, Range part, float step, float root)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        var values = weights.Values.narrow(0, from, length);
        var gradients = weights.Gradients!.narrow(0, from, length);
        var mean = _mean.narrow(0, from, length);
        var square = _square.narrow(0, from, length);
        if (_penalty > 0)
        {
            gradients.Add(_penalty, values);
        }

        mean.MultiplyBy(Decay1).Add(1 - Decay1, gradients);
        square.MultiplyBy(Decay2).AddProduct(1 - Decay2, gradients, gradients);
        values.AddQuotient(-step, mean, square.sqrt().MultiplyBy(root).Add(Epsilon));
        gradients.zero_();
    }

    private static Span<Vector<float>> AsVectors(Span<float> values) =>
        MemoryMarshal.Cast<float, Vector<float>>(values);
}
