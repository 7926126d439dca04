using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Ralm.Models.Networks;

/// <summary>
/// A user tower and an item tower, multi-head attention (Vaswani et al. 2017) over their two outputs as tokens, and an
/// output layer over both attended tokens, the product of the towers, and the context.
/// </summary>
/// <remarks>
/// Written with few large operations, which is algebra and not approximation. With two tokens the softmax is a sigmoid
/// of the difference of two scores, so keys are needed only as k_u - k_i and values as v_i and v_u - v_i, both linear in
/// the difference of the tokens. Nothing nonlinear stands between the attention's output projection and the output layer,
/// so their product is formed once per batch instead of projecting every row.
/// </remarks>
public sealed class TwoTowerMha : IRankingModel
{
    public const string Name = "TwoTowerMha";

    private const int OutputWidth = 64;

    private readonly int _width;
    private readonly int _heads;
    private readonly int _hidden;
    private readonly float _rate;

    public TwoTowerMha(ModelConfig config, InputShape shape)
    {
        _width = config.TowerDim;
        _heads = config.Heads;
        _hidden = config.HiddenDim;
        _rate = Math.Max(0, config.Dropout);
        Layout = ParameterLayout
            .Empty.WithLinear("user_tower.0", shape.User, _hidden)
            .WithLinear("user_tower.3", _hidden, _width)
            .WithLinear("item_tower.0", shape.Item, _hidden)
            .WithLinear("item_tower.3", _hidden, _width)
            .With("attention.in_proj_weight", MathF.Sqrt(6f / (4 * _width)), 3 * _width, _width)
            .With("attention.in_proj_bias", 0, 3 * _width)
            .With("attention.out_proj.weight", 1 / MathF.Sqrt(_width), _width, _width)
            .With("attention.out_proj.bias", 0, _width)
            .WithLinear("output_layer.0", (3 * _width) + shape.Context, OutputWidth)
            .WithLinear("output_layer.3", OutputWidth, 1);
    }

    public ParameterLayout Layout { get; }

    public Tensor Logits(ParameterSet weights, in ModelInput input, Dropout? dropout)
    {
        var user = Tower(weights, "user_tower", input.User, dropout);
        var item = Tower(weights, "item_tower", input.Item, dropout);
        var (attendedUser, attendedItem) = Attend(weights, user, item);
        return Output(weights, attendedUser, attendedItem, user * item, input.Context, dropout);
    }

    private Tensor Tower(ParameterSet w, string tower, Tensor x, Dropout? dropout)
    {
        var hidden = linear(x, w[$"{tower}.0.weight"], w[$"{tower}.0.bias"]);
        return linear(Activate(hidden, dropout), w[$"{tower}.3.weight"], w[$"{tower}.3.bias"]);
    }

    /// <summary>What each token takes from both, before the output projection: rows × width, twice.</summary>
    private (Tensor User, Tensor Item) Attend(ParameterSet w, Tensor user, Tensor item)
    {
        var rows = user.shape[0];
        var weight = w["attention.in_proj_weight"];
        var bias = w["attention.in_proj_bias"];
        var queries = linear(cat([user, item]), weight.narrow(0, 0, _width), bias.narrow(0, 0, _width));
        var difference = linear(user - item, weight.narrow(0, _width, 2 * _width));
        var keys = difference.narrow(1, 0, _width);
        var values = difference.narrow(1, _width, _width).reshape(1, rows, _heads, -1);
        var itemValue = linear(item, weight.narrow(0, 2 * _width, _width), bias.narrow(0, 2 * _width, _width))
            .view(1, rows, _heads, -1);
        var scale = 1 / Math.Sqrt(_width / (double)_heads);
        var onUser = (queries.view(2, rows, _width) * keys)
            .view(2, rows, _heads, -1)
            .sum(-1, keepdim: true)
            .Times(scale)
            .sigmoid();
        var attended = itemValue.PlusProduct(onUser, values).view(2, rows, _width);
        return (attended.select(0, 0), attended.select(0, 1));
    }

    private Tensor Output(ParameterSet w, Tensor user, Tensor item, Tensor product, Tensor? context, Dropout? dropout)
    {
        var project = w["attention.out_proj.weight"];
        var output = w["output_layer.0.weight"];
        var onTokens = output.narrow(1, 0, 2 * _width).reshape(OutputWidth, 2, _width);
        var folded = matmul(onTokens, project).view(OutputWidth, 2 * _width);
        var bias = w["output_layer.0.bias"].Plus(matmul(onTokens.sum([1]), w["attention.out_proj.bias"]));
        var rest = output.narrow(1, 2 * _width, output.shape[1] - (2 * _width));
        var x = context is null ? cat([user, item, product], 1) : cat([user, item, product, context], 1);
        var hidden = linear(x, cat([folded, rest], 1), bias);
        return linear(Activate(hidden, dropout), w["output_layer.3.weight"], w["output_layer.3.bias"]).view(-1);
    }

    private Tensor Activate(Tensor hidden, Dropout? dropout)
    {
        var positive = relu(hidden);
        return dropout is null || _rate == 0
            ? positive
            : positive * dropout.Mask(hidden.shape[0], hidden.shape[1], _rate);
    }
}
