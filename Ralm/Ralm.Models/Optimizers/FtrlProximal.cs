using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Optimizers;

/// <summary>
/// Follow the regularised leader, proximal (McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1, with
/// beta 1 and without L1): each weight is where all linearised losses so far, and nearness to where it stood at each of them, are least.
/// It begins at the weights there are, not at zero, as a model that is trained already has to: what is regularised is the way from there.
/// </summary>
public sealed class FtrlProximal : IOptimizer
{
    public const string OptimizerName = "ftrl";

    private const float Beta = 1;

    private readonly OptimizerConfig _config;
    private readonly Tensor _linear;
    private readonly Tensor _squares;
    private readonly Tensor _start;

    public FtrlProximal(OptimizerConfig config, ParameterSet weights)
    {
        _config = config;
        _linear = zeros_like(weights.Values).DetachFromDisposeScope();
        _squares = zeros_like(weights.Values).DetachFromDisposeScope();
        _start = zeros_like(weights.Values).DetachFromDisposeScope();
        State = new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            ["linear"] = _linear,
            ["squares"] = _squares,
            ["start"] = _start,
        };
    }

    public string Name => OptimizerName;

    public long Steps { get; set; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <param name="share">Of what a gradient adds: the way is a sum over all of them.</param>
    public void Step(ParameterSet weights, Range part, double share = 1)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        var values = weights.Values.narrow(0, from, length);
        var gradients = weights.Gradients!.narrow(0, from, length);
        var (linear, squares) = (_linear.narrow(0, from, length), _squares.narrow(0, from, length));
        var start = _start.narrow(0, from, length);
        if (Steps == 0)
        {
            start.copy_(values);
        }

        gradients.MultiplyBy(share);
        var before = squares.sqrt();
        squares.AddProduct(1, gradients, gradients);
        var after = squares.sqrt();
        // sigma = (sqrt(n + g^2) - sqrt(n)) / rate; z += g - sigma * (w - start)
        var way = values.Plus(start.Times(-1));
        linear.Add(1, gradients);
        linear.AddProduct(-1.0 / _config.LearningRate, after.Plus(before.Times(-1)), way);
        // w = start - z / ((beta + sqrt(n)) / rate + L2)
        values.copy_(start);
        values.AddQuotient(-1, linear, after.Add(Beta).MultiplyBy(1.0 / _config.LearningRate).Add(_config.WeightDecay));
        gradients.zero_();
        Steps++;
    }

    public void Dispose()
    {
        _linear.Dispose();
        _squares.Dispose();
        _start.Dispose();
    }
}
