using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// A control chart: mean and standard deviation of the first <see cref="DriftDetector.LeastSample"/> values are the reference, and
/// stay it. A running mean would follow the very change that is looked for.
/// </summary>
public abstract record ReferenceChart : DriftDetector
{
    /// <summary>Below this share of the mean a deviation is rounding.</summary>
    private const double Rounding = 1e-12;

    public double Mean { get; private init; }

    public double Deviation =>
        Math.Max(Math.Sqrt(SquaredDeviations / Math.Max(1, LeastSample - 1)), Rounding * Math.Abs(Mean));

    private double SquaredDeviations { get; init; }

    private protected sealed override DriftDetector Take(double value)
    {
        if (Count > LeastSample)
        {
            return Judge(value);
        }

        var mean = Mean + (value - Mean) / Count;
        var next = this with { Mean = mean, SquaredDeviations = SquaredDeviations + (value - Mean) * (value - mean) };
        return Count < LeastSample ? next : next.Judge(value);
    }

    /// <summary>Against a reference that is complete.</summary>
    private protected abstract DriftDetector Judge(double value);

    private protected sealed override void WriteOwn(StateWriter state)
    {
        state.Number(Mean);
        state.Number(SquaredDeviations);
        WriteChart(state);
    }

    private protected sealed override DriftDetector ReadOwn(StateReader state) =>
        (this with { Mean = state.Number(), SquaredDeviations = state.Number() }).ReadChart(state);

    private protected virtual void WriteChart(StateWriter state) { }

    private protected virtual ReferenceChart ReadChart(StateReader state) => this;
}
