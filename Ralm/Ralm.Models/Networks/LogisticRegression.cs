using Ralm.Models.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ralm.Models.Networks;

/// <summary>One weight per input and a bias: the baseline that any other model must beat.</summary>
public sealed class LogisticRegression(InputShape shape) : IRankingModel
{
    public const string Name = "LogisticRegression";

    public ParameterLayout Layout { get; } =
        ParameterLayout
            .Empty.With("linear.weight", 0, 1, shape.User + shape.Item + shape.Context)
            .With("linear.bias", 0, 1);

    public Tensor Logits(ParameterSet weights, in ModelInput input, Dropout? dropout)
    {
        var x = input.Context is null
            ? cat([input.User, input.Item], 1)
            : cat([input.User, input.Item, input.Context], 1);
        return linear(x, weights["linear.weight"], weights["linear.bias"]).view(-1);
    }
}
