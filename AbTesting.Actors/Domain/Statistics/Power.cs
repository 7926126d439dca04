using Ralm.Ranking.Statistics;

namespace RalmActors.AbTesting.Domain.Statistics;

/// <summary>The chance to find an effect that is there. Effects are in standard deviations (Cohen 1988).</summary>
public static class Power
{
    /// <summary>Two samples, known variance; for rates, the effect is Cohen's h.</summary>
    /// <param name="ratio">Second sample over the first.</param>
    public static double Normal(double effect, double n, double alpha, double ratio = 1, Alternative side = default) =>
        Shifted(effect * Math.Sqrt(n * ratio / (1 + ratio)), alpha, side);

    /// <summary>Two samples, variance estimated (Student).</summary>
    public static double TwoSampleT(
        double effect,
        double n,
        double alpha,
        double ratio = 1,
        Alternative side = default
    ) => Student(n * (1 + ratio) - 2, effect * Math.Sqrt(n * ratio / (1 + ratio)), alpha, side);

    public static double OneSampleT(double effect, double n, double alpha, Alternative side = default) =>
        Student(n - 1, effect * Math.Sqrt(n), alpha, side);

    /// <summary>Goodness of fit over <paramref name="bins"/>; the effect is Cohen's w.</summary>
    public static double ChiSquareFit(double w, double n, int bins, double alpha)
    {
        var df = bins - 1;
        var limit = MathNet.Numerics.Distributions.ChiSquared.InvCDF(df, 1 - alpha);
        return Noncentral.ChiSquare(df, n * w * w, limit);
    }

    /// <summary>Of an effect whose estimate will have standard error <paramref name="standardError"/>.</summary>
    public static double Of(double effect, double standardError, double alpha) =>
        Shifted(effect / standardError, alpha, Alternative.TwoSided);

    private static double Shifted(double shift, double alpha, Alternative side) =>
        side switch
        {
            Alternative.Larger => Tails.Normal(Tails.NormalQuantile(alpha) - shift),
            Alternative.Smaller => Tails.Normal(Tails.NormalQuantile(alpha) + shift),
            _ => Tails.Normal(Tails.NormalQuantile(alpha / 2) - shift)
                + Tails.Normal(Tails.NormalQuantile(alpha / 2) + shift),
        };

    private static double Student(double df, double shift, double alpha, Alternative side) =>
        side switch
        {
            Alternative.Larger => Noncentral.Student(df, shift, Tails.StudentQuantile(df, alpha)),
            Alternative.Smaller => Noncentral.Student(df, -shift, Tails.StudentQuantile(df, alpha)),
            _ => Noncentral.Student(df, shift, Tails.StudentQuantile(df, alpha / 2))
                + Noncentral.Student(df, -shift, Tails.StudentQuantile(df, alpha / 2)),
        };
}
