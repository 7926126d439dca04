using MathNet.Numerics;

namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>
/// A single rate, to be looked at after every unit: an exact mixture over rates with the density of Beta(1/2, 1/2) (Robbins 1970).
/// </summary>
public static class LevelSequence
{
    private const double Smallest = 1e-300;
    private const double Largest = 1 - 1e-16;

    /// <summary>Rates that <paramref name="successes"/> and <paramref name="failures"/> do not refute. At least one unit.</summary>
    public static Interval Rate(double successes, double failures, double alpha)
    {
        var enough = Math.Log(1 / alpha);
        var mixture =
            SpecialFunctions.GammaLn(0.5 + successes)
            + SpecialFunctions.GammaLn(0.5 + failures)
            - SpecialFunctions.GammaLn(1 + successes + failures)
            - Math.Log(Math.PI);
        var estimate = Math.Max(successes / (successes + failures), Smallest);
        return new Interval(
            successes == 0 ? 0 : Search.Between(IsRefuted, estimate, Smallest),
            failures == 0 ? 1 : Search.Between(IsRefuted, estimate, Largest)
        );

        bool IsRefuted(double p) =>
            mixture - (successes == 0 ? 0 : successes * Math.Log(p)) - (failures == 0 ? 0 : failures * Math.Log(1 - p))
            >= enough;
    }

    /// <summary>
    /// The difference of two rates that goes with a ratio of them: its ends, over all levels that are not refuted. Its sign is always
    /// that of the ratio less 1.
    /// </summary>
    /// <param name="ratio">Of the arm's rate to the control's; 0 and infinite ends allowed.</param>
    /// <param name="alpha">Of the level; the ratio has its own.</param>
    public static Interval Difference(ArmSums control, ArmSums arm, Interval ratio, double alpha = 0.01)
    {
        var (successes, units) = (control.Sum + arm.Sum, control.Units + arm.Units);
        var level = Rate(successes, units - successes, alpha);
        var share = arm.Units / units;
        return new Interval(
            Math.Min(Of(ratio.Low, level.Low), Of(ratio.Low, level.High)),
            Math.Max(Of(ratio.High, level.Low), Of(ratio.High, level.High))
        );

        double Of(double times, double pooled) =>
            times == 0 ? Math.Max(-1, -pooled / (1 - share))
            : double.IsInfinity(times) ? Math.Min(1, pooled / share)
            : Math.Clamp(pooled * (times - 1) / (1 - share + share * times), -1, 1);
    }
}
