using Ralm.Ranking.Randomness;

namespace Ralm.Ranking.Online;

/// <summary>
/// Logistic regression fitted offline, once: what a model is worth that nobody updates. It knows what the rows say alone,
/// and not what came of the rows before.
/// </summary>
public sealed class FrozenBase
{
    private const int Passes = 20;
    private const double FirstRate = 0.05;

    private readonly RunningScale _scale;
    private readonly int _numbers;
    private readonly double[] _weights;

    private FrozenBase(RunningScale scale, int numbers, double[] weights) =>
        (_scale, _numbers, _weights) = (scale, numbers, weights);

    /// <summary>
    /// Passes in random orders, each at a smaller rate; the weights are the mean over the second half of the steps.
    /// </summary>
    /// <param name="rows">Encoded, one number or more.</param>
    /// <param name="numbers">The first so many are standardised.</param>
    public static FrozenBase Fit(
        IReadOnlyList<double[]> rows,
        IReadOnlyList<double> labels,
        int numbers,
        int width,
        ulong seed
    )
    {
        var scale = new RunningScale(numbers, memory: int.MaxValue);
        foreach (var row in rows)
        {
            for (var k = 0; k < numbers; k++)
            {
                if (!double.IsNaN(row[k]))
                {
                    scale.Add(k, row[k]);
                }
            }
        }

        var fitted = new FrozenBase(scale, numbers, new double[width + 1]);
        OnlineRow[] inputs = [.. rows.Select(fitted.Inputs)];
        var mean = new double[width + 1];
        long steps = 0;
        for (var pass = 0; pass < Passes; pass++)
        {
            var order = new RowPermutation(rows.Count, RandomStream.ForEpoch(seed, pass));
            for (var k = 0; k < rows.Count; k++)
            {
                var row = order[k];
                fitted.Learn(inputs[row], labels[row], FirstRate / (1 + pass));
                if (pass >= Passes / 2)
                {
                    steps++;
                    for (var w = 0; w < mean.Length; w++)
                    {
                        mean[w] += (fitted._weights[w] - mean[w]) / steps;
                    }
                }
            }
        }

        return new FrozenBase(scale, numbers, mean);
    }

    public double Score(double[] encoded) => Probability(Inputs(encoded));

    private void Learn(OnlineRow row, double label, double rate)
    {
        var step = OnlineSteps.Rate(rate, OnlineSteps.SquaredLength(row, row.Active)) * (Probability(row) - label);
        foreach (var k in row.Active)
        {
            _weights[k] -= step * row.Inputs[k];
        }
    }

    private double Probability(OnlineRow row)
    {
        double sum = 0;
        foreach (var k in row.Active)
        {
            sum += _weights[k] * row.Inputs[k];
        }

        return LogOdds.ToProbability(sum);
    }

    private OnlineRow Inputs(double[] encoded)
    {
        double[] inputs = [1, .. encoded];
        for (var k = 0; k < _numbers; k++)
        {
            inputs[k + 1] = double.IsNaN(encoded[k]) ? 0 : _scale.Scaled(k, encoded[k]);
        }

        return OnlineRow.Of(inputs);
    }
}
