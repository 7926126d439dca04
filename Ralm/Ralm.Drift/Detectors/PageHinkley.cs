using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Page-Hinkley test for a moved mean (Page, Continuous inspection schemes, Biometrika 1954): a forgetting sum of the excess
/// over the running mean. The default detector of a loss stream.
/// </summary>
/// <param name="Delta">Excess that is tolerated, 0 or more, in units of the stream; default 0.005.</param>
/// <param name="Threshold">Sum that is drift, above 0; default 50. Larger: fewer false alarms, later detection.</param>
/// <param name="Forgetting">Share of the sum kept per value, above 0, at most 1; default 0.9999.</param>
public sealed record PageHinkley(double Delta = 0.005, double Threshold = 50, double Forgetting = 0.9999)
    : DriftDetector
{
    public double Mean { get; private init; }

    public double Above { get; private init; }

    public double Below { get; private init; }

    private protected override DriftDetector Take(double value)
    {
        var mean = Mean + (value - Mean) / Count;
        var next = this with
        {
            Mean = mean,
            Above = RunningSum.Add(Above, value - mean - Delta, Forgetting),
            Below = RunningSum.Add(Below, mean - value - Delta, Forgetting),
        };
        return Minds(DriftDirections.Up) && next.Above > Threshold ? next.Changed(DriftDirections.Up)
            : Minds(DriftDirections.Down) && next.Below > Threshold ? next.Changed(DriftDirections.Down)
            : next;
    }

    private protected override DriftDetector Fresh() => new PageHinkley(Delta, Threshold, Forgetting);

    private protected override void WriteOwn(StateWriter state)
    {
        state.Number(Mean);
        state.Number(Above);
        state.Number(Below);
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            Mean = state.Number(),
            Above = state.Number(),
            Below = state.Number(),
        };
}
