using Ralm.Models.Native;
using Ralm.Models.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class ArithmeticSpecs
{
    private const int Times = 60_000;

    public ArithmeticSpecs() => LibTorch.EnsureLoaded();

    [Fact]
    public void Sums_and_products_are_those_of_the_operators()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (tensor([1f, -2, 3]), tensor([0.5f, 4, -1]));

        Equal([1.5f, 2, 2], a.Plus(b));
        Equal([3, 0, 5], a.Plus(2));
        Equal([-2, 4, -6], a.Times(-2));
        Equal([1.5f, -10, 0], a.PlusProduct(b, tensor([1f, -2, 3])));
        Equal([1, 0, 1], tensor([1L, 2, 3]).Remainder(2).to(ScalarType.Float32));
        Equal([1, 0.5f, 3], a.AtLeast(0.5));
        Equal([2, -4, 6], a.clone().MultiplyBy(2));
        Equal([2, -1, 4], a.clone().Add(1));
        Equal([0, -10, 5], a.clone().Add(-2, b));
        Equal([2, -18, -3], a.clone().AddProduct(2, b, tensor([1f, -2, 3])));
        Equal([3, 2, -3], a.clone().AddQuotient(2, tensor([1f, 2, 3]), tensor([1f, 1, -1])));
    }

    [Fact]
    public void Numbers_outlive_a_collection_in_the_middle_of_a_call()
    {
        var isOver = false;
        var collecting = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        })
        {
            IsBackground = true,
        };
        collecting.Start();
        using var one = ones(4);

        for (var k = 0; k < Times; k++)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(24, one.Plus(2).Times(4).Plus(one.Times(-6)).sum().item<float>());
        }

        Volatile.Write(ref isOver, true);
        collecting.Join();
    }

    private static void Equal(float[] expected, Tensor actual) => Assert.Equal(expected, FlatVector.Read(actual));
}
