using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Drift detection method for a stream of errors (Gama et al., Learning with Drift Detection, SBIA 2004): warns at two, alarms at
/// three standard deviations above the lowest error rate so far. It raises false alarms on long quiet streams; use it as a
/// warning beside <see cref="PageHinkley"/>. A value above 0.5 is an error. It knows no way but up.
/// </summary>
/// <remarks>
/// The lowest rate is above 0: until the first error nothing is known of the rate, and the published rule would take that first
/// error for a change.
/// </remarks>
/// <param name="WarningSigmas">Above 0; default 2.</param>
/// <param name="DriftSigmas">At least <paramref name="WarningSigmas"/>; default 3.</param>
public sealed record Ddm(double WarningSigmas = 2, double DriftSigmas = 3) : DriftDetector
{
    /// <summary>The error rate since the start or the last drift, 0 to 1.</summary>
    public double Rate { get; private init; }

    public double LowestRate { get; private init; } = double.PositiveInfinity;

    public double LowestDeviation { get; private init; } = double.PositiveInfinity;

    private protected override DriftDetector Take(double value)
    {
        var rate = Rate + ((value > 0.5 ? 1 : 0) - Rate) / Count;
        var next = this with { Rate = rate };
        if (Count <= LeastSample)
        {
            return next;
        }

        var deviation = Math.Sqrt(rate * (1 - rate) / Count);
        if (rate > 0 && rate + deviation <= LowestRate + LowestDeviation)
        {
            next = next with { LowestRate = rate, LowestDeviation = deviation };
        }

        return rate + deviation > next.LowestRate + DriftSigmas * next.LowestDeviation
                ? next.Changed(DriftDirections.Up)
            : rate + deviation > next.LowestRate + WarningSigmas * next.LowestDeviation
                ? next.Warned(DriftDirections.Up)
            : next;
    }

    private protected override DriftDetector Fresh() => new Ddm(WarningSigmas, DriftSigmas);

    private protected override void WriteOwn(StateWriter state)
    {
        state.Number(Rate);
        state.Number(LowestRate);
        state.Number(LowestDeviation);
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            Rate = state.Number(),
            LowestRate = state.Number(),
            LowestDeviation = state.Number(),
        };
}
