using System.Collections.Immutable;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>
/// Steps of one length, the rate, whatever the size of the gradient (Nesterov 1984; Hazan, Levy, Shalev-Shwartz 2015); weight decay as
/// an L2 gradient. A row that is far off does not throw the model.
/// </summary>
public sealed class NormalizedSgd(OptimizerConfig config) : IOptimizer
{
    public const string OptimizerName = "normalized-sgd";

    /// <summary>Below it there is no direction to go.</summary>
    private const double LeastNorm = 1e-12;

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

        var norm = gradients.norm().item<float>();
        if (norm > LeastNorm)
        {
            values.Add(-(config.LearningRate * share / norm), gradients);
        }

        gradients.zero_();
        Steps++;
    }

    public void Dispose() { }
}
