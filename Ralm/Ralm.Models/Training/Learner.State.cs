using Ralm.Models.Optimizers;
using Ralm.Models.Tensors;
using RalmActors.Messages.Training;
using static TorchSharp.torch;

namespace Ralm.Models.Training;

/// <summary>
/// Weights and optimiser as numbers, for copies that are to become equal; and what learning online needs beside a gradient and a step: a
/// lineage must outlive whatever it is given to learn.
/// </summary>
internal sealed partial class Learner
{
    /// <summary>Steps of the optimiser.</summary>
    public long Steps => _optimizer.Steps;

    /// <summary>The part that is trained in the phase under way.</summary>
    public (int From, int Length) Part => _part.GetOffsetAndLength(Parameters);

    /// <summary>Vectors as long as the parameters: the weights, and the optimiser's.</summary>
    public int Vectors => 1 + _optimizer.State.Count;

    /// <summary>The weights of a part, and behind them each vector of the optimiser; how many numbers.</summary>
    public int ReadState(int from, int length, Span<float> to)
    {
        using var scope = NewDisposeScope();
        var written = 0;
        foreach (var vector in StateVectors())
        {
            FlatVector.Read(vector.narrow(0, from, length), to[written..]);
            written += length;
        }

        return written;
    }

    /// <summary>Becomes equal to another of its kind.</summary>
    public void Take(Learner other) => Write(other.State());

    /// <summary>Each becomes what the other was.</summary>
    public void Swap(Learner other)
    {
        var own = State();
        Take(other);
        other.Write(own);
    }

    private (float[] Values, long Steps) State()
    {
        var values = new float[Vectors * Parameters];
        ReadState(0, Parameters, values);
        return (values, Steps);
    }

    private void Write((float[] Values, long Steps) state) => WriteState(0, state.Values, state.Steps);

    /// <summary>Puts another's in their place.</summary>
    public void WriteState(int from, ReadOnlySpan<float> values, long steps)
    {
        using var scope = NewDisposeScope();
        var length = values.Length / Vectors;
        foreach (var vector in StateVectors())
        {
            FlatVector.Write(vector.narrow(0, from, length), values[..length]);
            values = values[length..];
        }

        _optimizer.Steps = steps;
    }

    private IEnumerable<Tensor> StateVectors() =>
        _optimizer.State.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value).Prepend(_weights.Values);

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
            WeightBounds.Require(StateVectors(), from, length);
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

    /// <summary>The numbers that change online: where the first stands in the model, and their values.</summary>
    public (int From, float[] Values) OnlineWeights()
    {
        using var scope = NewDisposeScope();
        return (_rankingFrom, FlatVector.Read(_weights.Values.narrow(0, _rankingFrom, Parameters - _rankingFrom)));
    }

    /// <summary>The same model with weights that stay, reading the rows that are written to this one's target.</summary>
    public FrozenModel Freeze() => new(_model, _weights, _batch, _rankingFrom, Calibration);

    /// <summary>From the next step on. One of the same kind goes on with what it has.</summary>
    public void Use(OptimizerConfig config)
    {
        var next = Optimizer.Create(config, _weights);
        if (next.Name == _optimizer.Name)
        {
            next.Steps = _optimizer.Steps;
            foreach (var (name, state) in next.State)
            {
                FlatVector.Write(state, FlatVector.Read(_optimizer.State[name]));
            }
        }

        _optimizer.Dispose();
        (_optimizer, _clipNorm) = (next, config.ClipNorm);
    }
}
