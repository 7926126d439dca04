using Ralm.Models.Tensors;
using static TorchSharp.torch;

namespace Ralm.Models.Training;

/// <summary>Weights and optimiser as numbers, for copies that are to become equal.</summary>
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
}
