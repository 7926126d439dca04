using System.Numerics.Tensors;
using Ralm.Models.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Ralm.Models.Training;

/// <summary>Steps that lose nothing: a lineage must outlive whatever it is given to learn.</summary>
internal sealed partial class Learner
{
    /// <summary>In size. A model that has come so far answers nothing but 0 and 1, and does not find back.</summary>
    public const float MaxWeight = 1e6f;

    private float[] _kept = [];

    /// <summary>One step along the gradient, or none: weights and optimiser are then as they were before.</summary>
    /// <param name="share">Of the learning rate.</param>
    /// <exception cref="DivergedException">Gradient, weights or optimiser are beyond bounds.</exception>
    public void StepOrStay(double share = 1)
    {
        var (from, length) = Part;
        var numbers = Vectors * length;
        _kept = _kept.Length >= numbers ? _kept : new float[numbers];
        ReadState(from, length, _kept);
        var steps = _optimizer.Steps;
        try
        {
            Step(share);
            RequireBounds(from, length);
        }
        catch (DivergedException)
        {
            WriteState(from, _kept.AsSpan(0, numbers), steps);
            throw;
        }
        finally
        {
            // A gradient that was not taken would be added to the next one.
            using var scope = NewDisposeScope();
            using var gradientless = no_grad();
            _weights.Gradients!.zero_();
        }
    }

    private void RequireBounds(int from, int length)
    {
        using var scope = NewDisposeScope();
        var max = MaxWeight;
        foreach (var vector in StateVectors())
        {
            // Also false with a number that is none.
            if (!(LargestOf(vector, from, length) <= max))
            {
                throw new DivergedException("the step leads to weights beyond bounds; a lower learning rate may help");
            }

            max = float.MaxValue;
        }
    }

    private float LargestOf(Tensor vector, int from, int length) =>
        length == 0 ? 0
        : _weights.OnCpu ? Math.Abs(TensorPrimitives.MaxMagnitude(FlatVector.Span(vector).Slice(from, length)))
        : vector.narrow(0, from, length).abs().max().item<float>();
}
