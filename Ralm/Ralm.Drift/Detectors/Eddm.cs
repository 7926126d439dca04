using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Early drift detection method (Baena-García et al., IWKDDS 2006): errors that come closer to one another than they did at
/// their farthest. Made for gradual change; many false alarms where errors are frequent. A value above 0.5 is an error. It
/// knows no way but up.
/// </summary>
/// <param name="Warning">Share of the farthest distance below which it warns, 0 to 1; default 0.8, the paper has 0.95.</param>
/// <param name="Drift">Share below which it alarms, at most <paramref name="Warning"/>; default 0.75, the paper has 0.9.</param>
public sealed record Eddm(double Warning = 0.8, double Drift = 0.75) : DriftDetector
{
    /// <summary>Errors since the start or the last drift; more than <see cref="DriftDetector.LeastSample"/> are needed.</summary>
    public long Errors { get; private init; }

    /// <summary>Mean number of values from one error to the next.</summary>
    public double MeanDistance { get; private init; }

    /// <summary>How newer releases of River take a deviation; MOA, and the older ones, divide by all distances.</summary>
    internal bool DividesByOneLess { get; init; }

    private double SquaredDeviations { get; init; }

    private long LastError { get; init; }

    /// <summary>Mean and two standard deviations of the distance, at their largest.</summary>
    private double Farthest { get; init; } = -1;

    private bool IsWarning { get; init; }

    private protected override DriftDetector Take(double value)
    {
        if (value <= 0.5)
        {
            return IsWarning ? Warned(DriftDirections.Up) : this;
        }

        var distance = Count - LastError;
        var errors = Errors + 1;
        var mean = MeanDistance + (distance - MeanDistance) / errors;
        var squares = SquaredDeviations + (distance - MeanDistance) * (distance - mean);
        var next = this with { Errors = errors, MeanDistance = mean, SquaredDeviations = squares, LastError = Count };
        if (Count <= LeastSample)
        {
            return next;
        }

        var reach = mean + 2 * Math.Sqrt(squares / Math.Max(1, DividesByOneLess ? errors - 1 : errors));
        if (reach > Farthest)
        {
            next = next with { Farthest = reach };
            return IsWarning ? next.Warned(DriftDirections.Up) : next;
        }

        if (errors <= LeastSample)
        {
            return next;
        }

        var share = reach / Farthest;
        next = next with { IsWarning = share < Warning };
        return share < Drift ? next.Changed(DriftDirections.Up)
            : next.IsWarning ? next.Warned(DriftDirections.Up)
            : next;
    }

    private protected override DriftDetector Fresh() =>
        new Eddm(Warning, Drift) { DividesByOneLess = DividesByOneLess };

    private protected override void WriteOwn(StateWriter state)
    {
        state.Count(Errors);
        state.Number(MeanDistance);
        state.Number(SquaredDeviations);
        state.Count(LastError);
        state.Number(Farthest);
        state.Count(IsWarning ? 1 : 0);
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            Errors = state.Count(),
            MeanDistance = state.Number(),
            SquaredDeviations = state.Number(),
            LastError = state.Count(),
            Farthest = state.Number(),
            IsWarning = state.Count(1) == 1,
        };
}
