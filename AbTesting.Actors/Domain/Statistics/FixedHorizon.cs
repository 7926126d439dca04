using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>Student's t on an effect: valid for one look, decided on beforehand.</summary>
public static class FixedHorizon
{
    public static double T(Effect effect) => effect.Value / effect.StandardError;

    public static double TwoSidedP(Effect effect) => Tails.StudentTwoSided(effect.DegreesOfFreedom, T(effect));

    /// <summary>Is the treatment better?</summary>
    public static double GreaterP(Effect effect) => Tails.Student(effect.DegreesOfFreedom, T(effect));

    /// <summary>Is the treatment worse?</summary>
    public static double LesserP(Effect effect) => Tails.Student(effect.DegreesOfFreedom, -T(effect));

    public static Interval TwoSided(Effect effect, double alpha) =>
        Interval.Around(effect.Value, Quantile(effect, alpha / 2) * effect.StandardError);

    /// <summary>Lower limit of a test whether the treatment is better.</summary>
    public static Interval Above(Effect effect, double alpha) =>
        new(effect.Value - Quantile(effect, alpha) * effect.StandardError, double.PositiveInfinity);

    /// <summary>Upper limit of a test whether the treatment is worse.</summary>
    public static Interval Below(Effect effect, double alpha) =>
        new(double.NegativeInfinity, effect.Value + Quantile(effect, alpha) * effect.StandardError);

    private static double Quantile(Effect effect, double p) =>
        double.IsInfinity(effect.DegreesOfFreedom)
            ? Tails.NormalQuantile(p)
            : Tails.StudentQuantile(effect.DegreesOfFreedom, p);
}
