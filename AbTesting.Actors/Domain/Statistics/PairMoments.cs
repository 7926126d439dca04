using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Moments of two values per unit and how they vary together: a ratio's numerator (Y) and denominator (X), or a metric (Y)
/// and what the unit did before its exposure (X). Merges exactly, as <see cref="Moments"/> does.
/// </summary>
/// <param name="Cross">Sum of the products of both deviations.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PairMoments(Moments Y, Moments X, double Cross)
{
    public double Count => Y.Count;

    public double Covariance => Count < 2 ? 0 : Cross / (Count - 1);

    public PairMoments Add(double y, double x)
    {
        var grown = X.Add(x);
        return new PairMoments(Y.Add(y), grown, Cross + (y - Y.Mean) * (x - grown.Mean));
    }

    public PairMoments Merge(PairMoments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var between = (other.Y.Mean - Y.Mean) * (other.X.Mean - X.Mean) * Count * other.Count / (Count + other.Count);
        return new PairMoments(Y.Merge(other.Y), X.Merge(other.X), Cross + other.Cross + between);
    }

    /// <summary>
    /// ΣY/ΣX as if it were a unit's mean, with its variance by the delta method (Deng, Knoblich, Lu 2018). The
    /// denominator's mean must not be 0.
    /// </summary>
    public Moments Ratio
    {
        get
        {
            var ratio = Y.Mean / X.Mean;
            var variance = (Y.Variance - 2 * ratio * Covariance + ratio * ratio * X.Variance) / (X.Mean * X.Mean);
            return new Moments(Count, ratio, Math.Max(0, variance * (Count - 1)));
        }
    }
}
