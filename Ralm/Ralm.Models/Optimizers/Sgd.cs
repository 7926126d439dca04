using System.Collections.Immutable;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>Plain stochastic gradient descent (Robbins and Monro 1951), weight decay as an L2 gradient.</summary>
public sealed class Sgd(OptimizerConfig config) : IOptimizer
{
    public const string OptimizerName = "sgd";

    public string Name => OptimizerName;

    public long Steps { get; set; }

    public IReadOnlyDictionary<string, Tensor> State => ImmutableDictionary<string, Tensor>.Empty;

    public void Step(ParameterSet weights, Range part, double share = 1)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        var gradients = weights.Gradients!.narrow(0, from, length);
        var values = weights.Values.narrow(0, from, length);
        if (config.WeightDecay > 0)
        {
            gradients.Add(config.WeightDecay, values);
        }

        values.Add(-(config.LearningRate * share), gradients);
        gradients.zero_();
        Steps++;
    }

    public void Dispose() { }
}
