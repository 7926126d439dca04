using Ralm.Ranking.Online;

namespace Ralm.Ranking.OffPolicy;

/// <summary>
/// What a candidate's reward is expected to be, from the scores of the policy that is asked about and of the one that decided: a
/// logistic regression on both log odds, learned row by row (a Newton step each, its curvature fading with the rows: Spiegelhalter and
/// Lauritzen 1990; a forgetting factor, as taste may drift). Whoever asks it before it is told of a row has an answer that does not
/// rest on that row, nor on any later one: it is fitted out of sample without folds, and what rests on it stays unbiased however
/// wrong it is. It begins as the policy's own score.
/// </summary>
public sealed class RewardModel
{
    private const int Width = 3;
    private const double Clip = 1e-4;

    /// <summary>Of the curvature, from one row to the next: a thousand rows count.</summary>
    private const double Keep = 0.999;

    /// <summary>How firmly it begins: as if of some rows.</summary>
    private static readonly double[] Firmness = [1, 4, 4];

    private readonly double[] _weights = [0, 1, 0];
    private readonly double[,] _curvature = new double[Width, Width];

    public RewardModel()
    {
        for (var k = 0; k < Width; k++)
        {
            _curvature[k, k] = Firmness[k];
        }
    }

    /// <summary>The reward expected, above 0 and below 1.</summary>
    /// <param name="policyScore">0 to 1, of the policy asked about.</param>
    /// <param name="loggedScore">0 to 1, of the one that decided.</param>
    public double Expected(double policyScore, double loggedScore) => Expected(Inputs(policyScore, loggedScore));

    /// <param name="reward">0 to 1.</param>
    /// <inheritdoc cref="Expected(double, double)"/>
    public void Learn(double policyScore, double loggedScore, double reward)
    {
        var inputs = Inputs(policyScore, loggedScore);
        var expected = Expected(inputs);
        var slope = expected * (1 - expected);
        for (var i = 0; i < Width; i++)
        {
            for (var k = 0; k < Width; k++)
            {
                var first = i == k ? (1 - Keep) * Firmness[i] : 0;
                _curvature[i, k] = (Keep * _curvature[i, k]) + first + (slope * inputs[i] * inputs[k]);
            }
        }

        var step = Solve(_curvature, inputs);
        for (var k = 0; k < Width; k++)
        {
            _weights[k] += (reward - expected) * step[k];
        }
    }

    private static double[] Inputs(double policyScore, double loggedScore) =>
        [1, LogOdds.Of(policyScore, Clip), LogOdds.Of(loggedScore, Clip)];

    private double Expected(double[] inputs)
    {
        var sum = 0.0;
        for (var k = 0; k < Width; k++)
        {
            sum += _weights[k] * inputs[k];
        }

        return LogOdds.ToProbability(sum);
    }

    /// <summary>Of a symmetric matrix that is positive definite: it never falls below what it begins with, faded.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        var (a, x) = ((double[,])matrix.Clone(), (double[])right.Clone());
        for (var k = 0; k < Width; k++)
        {
            for (var row = k + 1; row < Width; row++)
            {
                var factor = a[row, k] / a[k, k];
                for (var column = k; column < Width; column++)
                {
                    a[row, column] -= factor * a[k, column];
                }

                x[row] -= factor * x[k];
            }
        }

        for (var k = Width - 1; k >= 0; k--)
        {
            for (var column = k + 1; column < Width; column++)
            {
                x[k] -= a[k, column] * x[column];
            }

            x[k] /= a[k, k];
        }

        return x;
    }
}
