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
    [InlineData("adagrad", 0f)]
    [InlineData("adagrad", 0.01f)]
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
            "adagrad" => optim.Adagrad([reference], 0.01, weight_decay: decay),
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
    [InlineData("adagrad")]
    [InlineData("normalized-sgd")]
    public void A_share_of_the_rate_is_the_step_of_that_rate(string name)
    {
        var whole = Stepped(name, 0.01f, share: 0.25);
        var quarter = Stepped(name, 0.0025f, share: 1);

        Assert.Equal(quarter.Length, whole.Zip(quarter).Count(w => Math.Abs(w.First - w.Second) < 1e-7f));
        Assert.NotEqual(Stepped(name, 0.01f, share: 1), whole);
    }

    [Fact]
    public void Normalized_steps_are_as_long_as_the_rate_and_there_is_none_without_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        var before = weights.Read();
        using var optimizer = Optimizer.Create(
            new OptimizerConfig { Name = "normalized-sgd", LearningRate = 0.01f },
            weights
        );

        optimizer.Step(weights, ..);
        Assert.Equal(before, weights.Read());
        weights.Gradients!.fill_(1e6f);
        optimizer.Step(weights, ..);

        var length = Math.Sqrt(before.Zip(weights.Read(), (a, b) => Math.Pow(a - b, 2)).Sum());
        Assert.Equal(0.01, length, 1e-6);
    }

    /// <summary>Without L1 and L2 it is descent with a rate of alpha / (1 + root of the squares so far), weight by weight.</summary>
    [Fact]
    public void Following_the_leader_is_descent_with_rates_of_its_own_from_the_weights_there_are()
    {
        const double Rate = 0.3;
        using var scope = NewDisposeScope();
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        double[] expected = [.. weights.Read().Select(w => (double)w)];
        var squares = new double[expected.Length];
        using var optimizer = Optimizer.Create(
            new OptimizerConfig { Name = "ftrl", LearningRate = (float)Rate },
            weights
        );

        for (var step = 0; step < 6; step++)
        {
            (weights["w"].square() + weights["w"]).sum().backward();
            for (var k = 0; k < expected.Length; k++)
            {
                var gradient = (2 * expected[k]) + 1;
                squares[k] += gradient * gradient;
                expected[k] -= Rate / (1 + Math.Sqrt(squares[k])) * gradient;
            }

            optimizer.Step(weights, ..);
            Assert.All(expected.Zip(weights.Read()), w => Assert.Equal(w.First, w.Second, 1e-4));
        }
    }

    /// <summary>With L2 it stays nearer to where it began.</summary>
    [Fact]
    public void What_the_leader_regularises_is_the_way_from_the_start()
    {
        var (free, held) = (Stepped("ftrl", 0.1f, 1, decay: 0), Stepped("ftrl", 0.1f, 1, decay: 5));
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        var start = weights.Read();

        Assert.All(
            Enumerable.Range(0, start.Length),
            k => Assert.True(Math.Abs(held[k] - start[k]) <= Math.Abs(free[k] - start[k]))
        );
        Assert.NotEqual(free, held);
    }

    private static float[] Stepped(string name, float rate, double share, float decay = 0.1f)
    {
        using var scope = NewDisposeScope();
        using var weights = new ParameterSet(Layout, CPU, trainable: true);
        weights.Initialise(1);
        var config = new OptimizerConfig
        {
            Name = name,
            LearningRate = rate,
            WeightDecay = decay,
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
