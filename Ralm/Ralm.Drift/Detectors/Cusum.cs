using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Tabular CUSUM (Page 1954; Montgomery, Introduction to Statistical Quality Control, chapter 9): sums of what lies above and
/// below the reference by more than a slack. One outlier is not enough; a small lasting shift is.
/// </summary>
/// <param name="Slack">In standard deviations of the reference, 0 or more; default 0.25, the textbook has 0.5.</param>
/// <param name="Threshold">Sum that is drift, in the same unit, above 0; default 25. The textbook's 5 alarms every few hundred values.</param>
public sealed record Cusum(double Slack = 0.25, double Threshold = 25) : ReferenceChart
{
    public double Above { get; private init; }

    public double Below { get; private init; }

    private protected override DriftDetector Judge(double value)
    {
        var (slack, limit) = (Slack * Deviation, Threshold * Deviation);
        var next = this with
        {
            Above = RunningSum.Add(Above, value - Mean - slack),
            Below = RunningSum.Add(Below, Mean - value - slack),
        };
        return Minds(DriftDirections.Up) && next.Above > limit ? next.Changed(DriftDirections.Up)
            : Minds(DriftDirections.Down) && next.Below > limit ? next.Changed(DriftDirections.Down)
            : next;
    }

    private protected override DriftDetector Fresh() => new Cusum(Slack, Threshold);

    private protected override void WriteChart(StateWriter state)
    {
        state.Number(Above);
        state.Number(Below);
    }

    private protected override ReferenceChart ReadChart(StateReader state) =>
        this with
        {
            Above = state.Number(),
            Below = state.Number(),
        };
}
