namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Mixture sequential probability ratio test with a normal mixture (Robbins 1970; Johari, Koomen, Pekelis, Walsh 2017).
/// </summary>
/// <param name="plausible">Standard deviation of effects thought plausible; decided beforehand, above 0.</param>
public sealed class Msprt(double plausible)
{
    private readonly double _mixture = plausible * plausible;

    /// <summary>Likelihood ratio of "some effect" to "none".</summary>
    public double LikelihoodRatio(Effect effect)
    {
        var v = effect.Variance;
        return Math.Sqrt(v / (v + _mixture))
            * Math.Exp(_mixture * effect.Value * effect.Value / (2 * v * (v + _mixture)));
    }

    /// <summary>The p-value of this look; a sequence's is the smallest of its looks.</summary>
    public double P(Effect effect) => Math.Min(1, 1 / LikelihoodRatio(effect));

    /// <summary>Effects that this look does not refute at <paramref name="alpha"/>.</summary>
    public Interval Interval(Effect effect, double alpha)
    {
        var v = effect.Variance;
        var half = Math.Sqrt(v * (v + _mixture) / _mixture * (Math.Log((v + _mixture) / v) - 2 * Math.Log(alpha)));
        return Statistics.Interval.Around(effect.Value, half);
    }
}
