using System.Numerics.Tensors;
using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Online;

/// <summary>
/// One hidden layer by stochastic gradient descent at a constant rate, which follows a change; and means of its weights over
/// the last rows (Polyak and Juditsky 1992, with the past fading), which have less of the steps' noise in peace.
/// </summary>
internal sealed class NetworkMember : IOnlineMember
{
    private const int Hidden = 24;

    /// <summary>Of a hidden unit that is off.</summary>
    private const double Leak = 0.01;

    /// <summary>Inputs that the first weights reckon with: of a wide row most are 0.</summary>
    private const int MostInputs = 64;

    /// <summary>Share of the newest weights in each mean.</summary>
    private static readonly double[] Fading = [0.002, 0.0005];

    private readonly int _width;
    private readonly int _first;
    private readonly double _rate;
    private readonly double[] _weights;
    private readonly double[][] _means;
    private readonly double[] _hidden = new double[Hidden];
    private readonly double[] _slopes = new double[Hidden];
    private readonly double[] _scratch;

    /// <param name="first">Of the inputs it sees.</param>
    public NetworkMember(int width, int first, double rate, ulong seed)
        : this(width, first, rate, FirstWeights(width, first, seed)) { }

    private NetworkMember(int width, int first, double rate, double[] weights)
        : this(width, first, rate, weights, [.. Fading.Select(_ => (double[])weights.Clone())]) { }

    private NetworkMember(int width, int first, double rate, double[] weights, double[][] means)
    {
        (_width, _first, _rate, _weights, _means) = (width, first, rate, weights, means);
        _scratch = new double[weights.Length];
    }

    public int Opinions => 1 + Fading.Length;

    public void Score(OnlineRow row, Span<double> probabilities)
    {
        probabilities[0] = Probability(_weights, row);
        for (var k = 0; k < _means.Length; k++)
        {
            probabilities[k + 1] = Probability(_means[k], row);
        }
    }

    public void Learn(OnlineRow row, double label, double boost)
    {
        var error = Probability(_weights, row) - label;
        var active = row.From(_first);
        var bias = _weights.AsSpan(_width * Hidden, Hidden);
        var heads = _weights.AsSpan((_width + 1) * Hidden, Hidden);
        for (var j = 0; j < Hidden; j++)
        {
            _slopes[j] = error * heads[j] * (_hidden[j] > 0 ? 1 : Leak);
        }

        var rate = _rate * boost;
        var ofHeads = OnlineSteps.Rate(rate, Math.Max(1e-9, TensorPrimitives.SumOfSquares<double>(_hidden))) * error;
        TensorPrimitives.MultiplyAdd(_hidden, -ofHeads, heads, heads);
        _weights[^1] -= rate * error;
        var ofInputs = OnlineSteps.Rate(rate, OnlineSteps.SquaredLength(row, active));
        TensorPrimitives.MultiplyAdd(_slopes, -ofInputs, bias, bias);
        foreach (var i in active)
        {
            var fromInput = _weights.AsSpan(i * Hidden, Hidden);
            TensorPrimitives.MultiplyAdd(_slopes, -ofInputs * row.Inputs[i], fromInput, fromInput);
        }

        for (var k = 0; k < _means.Length; k++)
        {
            TensorPrimitives.Subtract(_weights, _means[k], _scratch);
            TensorPrimitives.MultiplyAdd(_scratch, Fading[k], _means[k], _means[k]);
        }
    }

    public IOnlineMember Copy() =>
        new NetworkMember(_width, _first, _rate, [.. _weights], [.. _means.Select(m => (double[])m.Clone())]);

    /// <summary>Leaves the hidden layer's values behind.</summary>
    private double Probability(double[] weights, OnlineRow row)
    {
        weights.AsSpan(_width * Hidden, Hidden).CopyTo(_hidden);
        foreach (var i in row.From(_first))
        {
            TensorPrimitives.MultiplyAdd(weights.AsSpan(i * Hidden, Hidden), row.Inputs[i], _hidden, _hidden);
        }

        var sum = weights[^1];
        for (var j = 0; j < Hidden; j++)
        {
            _hidden[j] = _hidden[j] > 0 ? _hidden[j] : Leak * _hidden[j];
            sum += weights[((_width + 1) * Hidden) + j] * _hidden[j];
        }

        return LogOdds.ToProbability(sum);
    }

    /// <summary>From each input to all hidden units, the units' own, from them to the score, and the score's own.</summary>
    private static double[] FirstWeights(int width, int first, ulong seed)
    {
        var weights = new double[((width + 2) * Hidden) + 1];
        var ofInputs = Math.Sqrt(3.0 / Math.Min(width - first, MostInputs));
        for (var k = 0; k < weights.Length - 1; k++)
        {
            var most =
                k < width * Hidden ? ofInputs
                : k < (width + 1) * Hidden ? 0.5
                : 1 / Math.Sqrt(Hidden);
            weights[k] = ((2 * RandomStream.Uniform(seed, k)) - 1) * most;
        }

        return weights;
    }
}
