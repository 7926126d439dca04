using Ralm.Models.Native;
using Ralm.Models.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class DropoutSpecs
{
    public DropoutSpecs() => LibTorch.EnsureLoaded();

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    public void It_drops_at_its_rate_and_keeps_the_mean(float rate)
    {
        using var scope = NewDisposeScope();
        using var dropout = new Dropout(CPU);
        dropout.Begin(5);

        var mask = dropout.Mask(1_000, 101, rate).data<float>().ToArray();

        var dropped = mask.Count(m => m == 0) / (double)mask.Length;
        Assert.InRange(dropped, rate - 0.006, rate + 0.006);
        Assert.All(mask.Where(m => m != 0), m => Assert.Equal(1 / (1 - rate), m));
    }

    [Fact]
    public void The_same_seed_drops_the_same_units_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        using var dropout = new Dropout(CPU);
        float[] Draw(ulong seed)
        {
            dropout.Begin(seed);
            _ = dropout.Mask(3, 5, 0.3f);
            return dropout.Mask(40, 7, 0.3f).data<float>().ToArray();
        }

        var first = Draw(1);
        var other = Draw(2);

        Assert.Equal(first, Draw(1));
        Assert.NotEqual(first, other);
    }
}
