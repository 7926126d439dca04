using System.Runtime.InteropServices;

namespace RalmActors.AbTesting.Domain.Statistics.Sequential;

/// <summary>How wide the mixture over effects is; fixed before anybody is exposed.</summary>
/// <param name="Alpha">Level that the sequence is tightest for, above 0 and below 1.</param>
/// <param name="Units">Units over both arms at which it is tightest for an even split; above 0.</param>
/// <param name="LargestLift">
/// Plausible relative effects: 1 = the control's mean again. Without the cap one lucky event in a small arm explains itself by an
/// effect of many times the mean. One-sided comparisons need half of it.
/// </param>
/// <param name="Plausible">
/// Standard deviation of plausible effects in the metric's own unit, instead of <paramref name="Units"/>; 0: not stated. This is the
/// mixture of the mSPRT (Johari, Koomen, Pekelis, Walsh 2017).
/// </param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Tuning(
    double Alpha,
    double Units = ConfidenceSequence.DefaultTuning,
    double LargestLift = 1,
    double Plausible = 0
)
{
    /// <summary>For comparisons that look one way only, such as guardrails.</summary>
    public Tuning OneSided => this with { LargestLift = 0.5 };

    /// <summary>Variance of the mixture per unit (arXiv 2103.06476, appendix B.2).</summary>
    public double RhoSquared => (-2 * Math.Log(Alpha) + Math.Log(1 - 2 * Math.Log(Alpha))) / Units;

    /// <summary>Information of a comparison: r of <see cref="EValue"/>.</summary>
    /// <param name="mean">Of all units; for values of either sign, of their sizes.</param>
    /// <param name="variance">Of one unit under the null; 0 gives 0: nothing is known.</param>
    public double Information(double control, double arm, double mean, double variance)
    {
        if (!(variance > 0))
        {
            return 0;
        }

        var harmonic = control * arm / (control + arm);
        var mixture = Plausible > 0 ? Plausible * Plausible / variance : 4 * RhoSquared;
        return harmonic * Math.Min(mixture, LargestLift * LargestLift * mean * mean / variance);
    }
}
