using Ralm.Models.Native;
using Ralm.Models.Networks;
using Ralm.Models.Optimizers;
using RalmActors.Messages.Training;
using Xunit;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class OptimizerSpecs
{
    private static readonly ParameterLayout Layout = ParameterLayout.Empty.With("w", 0.5f, 37);

    public OptimizerSpecs() => LibTorch.EnsureLoaded();

    [Theory]
    [InlineData("adam", 0f)]
    [InlineData("adam", 0.01f)]
    [InlineData("adamw", 0f)]
    [InlineData("adamw", 0.3f)]
    [InlineData("sgd", 0f)]
    [InlineData("sgd", 0.01f)]
    public void It_moves_the_weights_as_torch_does(string name, float decay)
    {
        using var scope = NewDisposeScope();
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        var config = new OptimizerConfig
        {
            Name = name,
            LearningRate = 0.01f,
            WeightDecay = decay,
        };
        using var ours = Optimizer.Create(config, weights);
        var reference = new TorchSharp.Modules.Parameter(weights.Values.clone(), requires_grad: true);
        optim.Optimizer theirs = name switch
        {
            "adam" => optim.Adam([reference], 0.01, weight_decay: decay),
            "adamw" => optim.AdamW([reference], 0.01, weight_decay: decay),
            _ => optim.SGD([reference], 0.01, weight_decay: decay),
        };

        for (var step = 0; step < 5; step++)
        {
            (weights["w"].square() + weights["w"]).sum().backward();
            ours.Step(weights, ..);
            theirs.zero_grad();
            (reference.square() + reference).sum().backward();
            theirs.step();
        }

        Assert.True(weights.Values.allclose(reference, 1e-5, 1e-6));
        Assert.Equal(0, weights.Gradients!.abs().max().item<float>());
        theirs.Dispose();
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void A_share_of_the_rate_is_the_step_of_that_rate(string name)
    {
        var whole = Stepped(name, 0.01f, share: 0.25);
        var quarter = Stepped(name, 0.0025f, share: 1);

        Assert.Equal(quarter.Length, whole.Zip(quarter).Count(w => Math.Abs(w.First - w.Second) < 1e-7f));
        Assert.NotEqual(Stepped(name, 0.01f, share: 1), whole);
    }

    private static float[] Stepped(string name, float rate, double share)
    {
        using var scope = NewDisposeScope();
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        var config = new OptimizerConfig
        {
            Name = name,
            LearningRate = rate,
            WeightDecay = 0.1f,
        };
        using var optimizer = Optimizer.Create(config, weights);
        for (var step = 0; step < 3; step++)
        {
            weights["w"].square().sum().backward();
            optimizer.Step(weights, .., share);
        }

        return weights.Read();
    }

    [Fact]
    public void Another_device_takes_the_same_step_as_the_cpu()
    {
        using var scope = NewDisposeScope();
        using var one = new ParameterSet(Layout, CPU, trainable: true);
        using var two = new ParameterSet(Layout, CPU, trainable: true);
        one.Initialise(1);
        two.Initialise(1);
        var config = new OptimizerConfig { Name = "adam", LearningRate = 0.01f };
        using var inPlace = new Adam(config, one);
        using var onDevice = new Adam(config, two);
        one.Gradients!.fill_(0.25f);
        two.Gradients!.fill_(0.25f);

        inPlace.Step(one, ..);
        onDevice.StepOnDevice(two, .., (float)(0.01f / (1 - 0.9)), (float)(1 / Math.Sqrt(1 - 0.999)));

        Assert.True(one.Values.allclose(two.Values, 1e-5, 1e-7));
    }
}
