using System.Numerics.Tensors;
using Ralm.Models.Networks;
using Ralm.Models.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ralm.Models.Training;

/// <summary>How far weights may go, and a gradient.</summary>
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

    /// <summary>Brings a part's gradient down to a norm, where it is longer.</summary>
    /// <param name="most">0: it may be as long as it likes.</param>
    /// <returns>Its norm before.</returns>
    /// <exception cref="DivergedException">It is not finite.</exception>
    public static double Clip(ParameterSet weights, Range part, float most)
    {
        using var scope = NewDisposeScope();
        using var gradientless = no_grad();
        var (from, length) = part.GetOffsetAndLength(weights.Layout.Length);
        var gradients = weights.Gradients!.narrow(0, from, length);
        var norm = weights.OnCpu
            ? Math.Sqrt(TensorPrimitives.SumOfSquares(FlatVector.Span(weights.Gradients)[part]))
            : gradients.norm().item<float>();
        if (!double.IsFinite(norm))
        {
            throw new DivergedException();
        }

        if (most > 0 && norm > most)
        {
            gradients.MultiplyBy(most / norm);
        }

        return norm;
    }

    private static float LargestOf(Tensor vector, int from, int length) =>
        length == 0 ? 0
        : vector.device_type == DeviceType.CPU
            ? Math.Abs(TensorPrimitives.MaxMagnitude(FlatVector.Span(vector).Slice(from, length)))
        : vector.narrow(0, from, length).abs().max().item<float>();
}
