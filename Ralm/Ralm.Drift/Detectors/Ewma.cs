using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// EWMA chart (Roberts, Control chart tests based on geometric moving averages, Technometrics 1959): a fading mean that has left
/// the mean of everything by more than its own standard error allows. Its deviation fades as well, so that a stream may get noisier.
/// </summary>
/// <param name="Weight">Of the newest value, above 0, at most 1; default 0.01.</param>
/// <param name="Threshold">In standard errors of the fading mean, above 0; default 5.</param>
public sealed record Ewma(double Weight = 0.01, double Threshold = 5) : DriftDetector
{
    /// <summary>Below this share of the mean a difference is rounding.</summary>
    private const double Rounding = 1e-12;

    public double Mean { get; private init; }

    public double Fading { get; private init; }

    private double FadingSquares { get; init; }

    private protected override DriftDetector Take(double value)
    {
        var mean = Mean + (value - Mean) / Count;
        var (kept, added) = Count == 1 ? (0, 1) : (1 - Weight, Weight);
        var fading = added * value + kept * Fading;
        var squares = added * value * value + kept * FadingSquares;
        var off = fading - mean;
        var next = this with { Mean = mean, Fading = fading, FadingSquares = squares };
        var variance = Math.Max(0, squares - fading * fading);
        var share = Weight / (2 - Weight) * (1 - Math.Pow(1 - Weight, 2.0 * Count));
        var limit = Math.Max(Threshold * Math.Sqrt(variance * share), Rounding * Math.Abs(mean));
        return Count < LeastSample ? next
            : Minds(DriftDirections.Up) && off > limit ? next.Changed(DriftDirections.Up)
            : Minds(DriftDirections.Down) && -off > limit ? next.Changed(DriftDirections.Down)
            : next;
    }

    private protected override DriftDetector Fresh() => new Ewma(Weight, Threshold);

    private protected override void WriteOwn(StateWriter state)
    {
        state.Number(Mean);
        state.Number(Fading);
        state.Number(FadingSquares);
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            Mean = state.Number(),
            Fading = state.Number(),
            FadingSquares = state.Number(),
        };
}
