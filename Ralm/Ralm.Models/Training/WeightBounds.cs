using System.Numerics.Tensors;
using Ralm.Models.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ralm.Models.Training;

/// <summary>How far weights may go.</summary>
internal static class WeightBounds
{
    /// <summary>In size. A model that has come so far answers nothing but 0 and 1, and does not find back.</summary>
    public const float MaxWeight = 1e6f;

    /// <param name="vectors">The weights, then those of the optimiser, which must be finite.</param>
    /// <exception cref="DivergedException">A number is beyond bounds.</exception>
    public static void Require(IEnumerable<Tensor> vectors, int from, int length)
    {
        using var scope = NewDisposeScope();
        var max = MaxWeight;
        foreach (var vector in vectors)
        {
            // Also false with a number that is none.
            if (!(LargestOf(vector, from, length) <= max))
            {
                throw new DivergedException("the step leads to weights beyond bounds; a lower learning rate may help");
            }

            max = float.MaxValue;
        }
    }

    private static float LargestOf(Tensor vector, int from, int length) =>
        length == 0 ? 0
        : vector.device_type == DeviceType.CPU
            ? Math.Abs(TensorPrimitives.MaxMagnitude(FlatVector.Span(vector).Slice(from, length)))
        : vector.narrow(0, from, length).abs().max().item<float>();
}
