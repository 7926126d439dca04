using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>
/// Each weight has a rate of its own, which falls with the squares of its gradients so far (Duchi, Hazan, Singer 2011), with PyTorch's
/// epsilon of 1e-10; weight decay as an L2 gradient. For streams whose features are rare, and that do not turn around.
/// </summary>
public sealed class Adagrad : IOptimizer
{
    public const string OptimizerName = "adagrad";

    private const float Epsilon = 1e-10f;

    private readonly OptimizerConfig _config;
    private readonly Tensor _squares;

    public Adagrad(OptimizerConfig config, ParameterSet weights)
    {
        _config = config;
        _squares = zeros_like(weights.Values).DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["sum"] = _squares };
    }

    public string Name => OptimizerName;

    public long Steps { get; set; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public void Step(ParameterSet weights, Range part, double share = 1)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        var values = weights.Values.narrow(0, from, length);
        var gradients = weights.Gradients!.narrow(0, from, length);
        var squares = _squares.narrow(0, from, length);
        if (_config.WeightDecay > 0)
        {
            gradients.Add(_config.WeightDecay, values);
        }

        squares.AddProduct(1, gradients, gradients);
        values.AddQuotient(-(_config.LearningRate * share), gradients, squares.sqrt().Add(Epsilon));
        gradients.zero_();
        Steps++;
    }

    public void Dispose() => _squares.Dispose();
}
