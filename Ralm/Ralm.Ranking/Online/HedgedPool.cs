namespace Ralm.Ranking.Online;

/// <summary>
/// A mean of opinions weighted by how well they have done: log loss never far behind the best of them, nor behind the best
/// sequence of a few (Herbster and Warmuth, Tracking the Best Expert, Machine Learning 1998).
/// </summary>
internal sealed class HedgedPool
{
    /// <summary>Of all weight, spread evenly after every row: who was bad for long can return.</summary>
    private const double Shared = 0.001;

    /// <summary>One row does not ruin an opinion.</summary>
    private const double Clip = 0.01;

    private readonly double[] _weights;

    public HedgedPool(int opinions)
        : this(new double[opinions]) => Array.Fill(_weights, 1.0 / opinions);

    private HedgedPool(double[] weights) => _weights = weights;

    public double Mix(ReadOnlySpan<double> opinions)
    {
        double sum = 0;
        for (var k = 0; k < _weights.Length; k++)
        {
            sum += _weights[k] * opinions[k];
        }

        return sum;
    }

    public void Learn(ReadOnlySpan<double> opinions, double label)
    {
        double total = 0;
        for (var k = 0; k < _weights.Length; k++)
        {
            var p = Math.Clamp(opinions[k], Clip, 1 - Clip);
            _weights[k] *= Math.Exp((label * Math.Log(p)) + ((1 - label) * Math.Log(1 - p)));
            total += _weights[k];
        }

        for (var k = 0; k < _weights.Length; k++)
        {
            _weights[k] = ((1 - Shared) * _weights[k] / total) + (Shared / _weights.Length);
        }
    }

    public HedgedPool Copy() => new([.. _weights]);
}
