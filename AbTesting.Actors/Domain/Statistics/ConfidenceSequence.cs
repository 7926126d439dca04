namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>
/// Asymptotic confidence sequence: covers at all sample sizes at once, so that it may be looked at after every unit
/// (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, arXiv 2103.06476).
/// </summary>
/// <param name="tunedFor">Total units at which the interval is tightest relative to a fixed one; decided beforehand.</param>
public sealed class ConfidenceSequence(double tunedFor = ConfidenceSequence.DefaultTuning)
{
    public const double DefaultTuning = 5000;

    /// <summary>Mixture scale for two-sided intervals at <paramref name="alpha"/>.</summary>
    public double Rho(double alpha) => Math.Sqrt((-2 * Math.Log(alpha) + Math.Log(1 - 2 * Math.Log(alpha))) / tunedFor);

    public Interval TwoSided(Effect effect, double alpha)
    {
        var (rho2, spread) = Scale(effect, Rho(alpha));
        return Interval.Around(effect.Value, Half(effect, rho2, spread, Math.Log(Math.Sqrt(spread) / alpha)));
    }

    /// <summary>Anytime-valid against no effect: the error that a decision at any look may claim.</summary>
    /// <param name="alpha">Level the sequence was tuned for.</param>
    public double TwoSidedP(Effect effect, double alpha) => Math.Min(1, Math.Exp(-LogE(effect, alpha)));

    /// <summary>Logarithm of the evidence against no effect; 1/α of it suffices.</summary>
    public double LogE(Effect effect, double alpha)
    {
        var (rho2, spread) = Scale(effect, Rho(alpha));
        return rho2 * Strength(effect) / (2 * spread) - Math.Log(spread) / 2;
    }

    /// <summary>Lower limit of a test whether the treatment is better.</summary>
    public Interval Above(Effect effect, double alpha) =>
        new(effect.Value - OneSidedHalf(effect, alpha), double.PositiveInfinity);

    /// <summary>Upper limit of a test whether the treatment is worse.</summary>
    public Interval Below(Effect effect, double alpha) =>
        new(double.NegativeInfinity, effect.Value + OneSidedHalf(effect, alpha));

    /// <summary>Is the treatment better? At most 1/2: the sequence says nothing for the other side.</summary>
    public double GreaterP(Effect effect, double alpha)
    {
        if (effect.Value <= 0)
        {
            return 0.5;
        }

        var (rho2, spread) = Scale(effect, Rho(2 * alpha));
        return Math.Min(0.5, Math.Sqrt(spread) / (2 * (Math.Exp(rho2 * Strength(effect) / (2 * spread)) - 1)));
    }

    private double OneSidedHalf(Effect effect, double alpha)
    {
        var (rho2, spread) = Scale(effect, Rho(2 * alpha));
        return Half(effect, rho2, spread, Math.Log(1 + Math.Sqrt(spread) / (2 * alpha)));
    }

    private static (double Rho2, double Spread) Scale(Effect effect, double rho) =>
        (rho * rho, effect.Units * rho * rho + 1);

    private static double Half(Effect effect, double rho2, double spread, double log) =>
        Math.Sqrt(effect.Variance * 2 * spread / (effect.Units * rho2) * log);

    /// <summary>Value²·N/se² of one unit's worth of variance: N times the squared z.</summary>
    private static double Strength(Effect effect) => effect.Value * effect.Value * effect.Units / effect.Variance;
}
