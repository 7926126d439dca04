using Ralm.Models.Native;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class TwoTowerMhaSpecs
{
    private static readonly ModelConfig Config = new()
    {
        Model = TwoTowerMha.Name,
        TowerDim = 64,
        HiddenDim = 128,
        Heads = 4,
        Dropout = 0.1f,
    };

    public TwoTowerMhaSpecs() => LibTorch.EnsureLoaded();

    [Fact]
    public void It_has_the_parameters_of_the_reference() =>
        Assert.Equal(62_209, new TwoTowerMha(Config, new InputShape(64, 64, 0)).Layout.Length);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void It_computes_what_the_textbook_form_computes(int contextWidth)
    {
        using var scope = NewDisposeScope();
        var model = new TwoTowerMha(Config, new InputShape(20, 30, contextWidth));
        using var weights = Initialised(model);
        var input = RandomInput(7, 20, 30, contextWidth);

        var ours = model.Logits(weights, input, dropout: null);
        var theirs = Textbook(weights, input);

        Assert.True(ours.allclose(theirs, 1e-5, 1e-6), $"{ours.sub(theirs).abs().max().item<float>()} apart");
    }

    [Fact]
    public void Its_gradients_are_those_of_the_textbook_form()
    {
        using var scope = NewDisposeScope();
        var model = new TwoTowerMha(Config, new InputShape(20, 30, 5));
        using var weights = Initialised(model);
        var input = RandomInput(16, 20, 30, 5);

        model.Logits(weights, input, dropout: null).square().sum().backward();
        var ours = weights.Gradients!.clone();
        weights.Gradients.zero_();
        Textbook(weights, input).square().sum().backward();

        Assert.True(ours.norm().item<float>() > 0.01f);
        Assert.True(
            ours.allclose(weights.Gradients, 1e-3, 1e-5),
            $"{ours.sub(weights.Gradients).abs().max().item<float>()} apart"
        );
    }

    [Fact]
    public void First_weights_are_a_pure_function_of_the_seed()
    {
        var model = new TwoTowerMha(Config, new InputShape(8, 8, 0));
        using var one = Initialised(model, 1);
        using var again = Initialised(model, 1);
        using var other = Initialised(model, 2);

        Assert.Equal(one.Read(), again.Read());
        Assert.NotEqual(one.Read(), other.Read());
    }

    private static ParameterSet Initialised(TwoTowerMha model, ulong seed = 3)
    {
        var weights = new ParameterSet(model.Layout, CPU, trainable: true);
        weights.Initialise(seed);
        return weights;
    }

    private static ModelInput RandomInput(int rows, int user, int item, int context)
    {
        var numbers = new Generator(11, CPU);
        return new(
            randn([rows, user], generator: numbers),
            randn([rows, item], generator: numbers),
            context == 0 ? null : randn([rows, context], generator: numbers)
        );
    }

    private static Tensor Textbook(ParameterSet w, ModelInput x)
    {
        Tensor Layer(string name, Tensor input) => linear(input, w[$"{name}.weight"], w[$"{name}.bias"]);
        var user = Layer("user_tower.3", relu(Layer("user_tower.0", x.User)));
        var item = Layer("item_tower.3", relu(Layer("item_tower.0", x.Item)));
        var tokens = stack([user, item], 1);
        var heads = linear(tokens, w["attention.in_proj_weight"], w["attention.in_proj_bias"])
            .chunk(3, -1)
            .Select(t => t.view(-1, 2, 4, 16).transpose(1, 2))
            .ToArray();
        var attended = softmax(matmul(heads[0], heads[1].transpose(-2, -1)) / 4, -1).matmul(heads[2]);
        var projected = Layer("attention.out_proj", attended.transpose(1, 2).reshape(-1, 2, 64)).flatten(1);
        var all = x.Context is null ? cat([projected, user * item], 1) : cat([projected, user * item, x.Context], 1);
        return Layer("output_layer.3", relu(Layer("output_layer.0", all))).view(-1);
    }
}
