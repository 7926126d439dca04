using System.Runtime.InteropServices;
using Ralm.Drift.State;

namespace Ralm.Drift.Detectors;

/// <summary>
/// Drift detection by Hoeffding's bound on averages (Frías-Blanco et al., IEEE TKDE 27(3), 2015, HDDM-A): the mean of everything
/// against the mean up to the best cut. For values between 0 and 1; others count as the nearer of the two.
/// </summary>
/// <param name="Confidence">Chance of a false alarm at one cut, above 0 and below 1; default 0.001.</param>
/// <param name="WarningConfidence">The same of a warning, at least <paramref name="Confidence"/>; default 0.005.</param>
public sealed record HddmA(double Confidence = 0.001, double WarningConfidence = 0.005) : DriftDetector
{
    /// <summary>Mean since the start or the last change.</summary>
    public double Mean => All.Mean;

    private Part All { get; init; }

    private Part Lowest { get; init; }

    private Part Highest { get; init; }

    private protected override DriftDetector Take(double value)
    {
        var all = new Part(All.Count + 1, All.Sum + Math.Clamp(value, 0, 1));
        var bound = Bound(all.Count);
        var lowest = Lowest.Count == 0 || Lowest.Mean + Bound(Lowest.Count) >= all.Mean + bound ? all : Lowest;
        var highest = Highest.Count == 0 || Highest.Mean - Bound(Highest.Count) <= all.Mean - bound ? all : Highest;
        var next = this with { All = all, Lowest = lowest, Highest = highest };
        var (up, down) = (all.Mean - lowest.Mean, highest.Mean - all.Mean);

        return Minds(DriftDirections.Up) && up >= Apart(lowest, all, Confidence) ? next.Changed(DriftDirections.Up)
            : Minds(DriftDirections.Down) && down >= Apart(highest, all, Confidence)
                ? next.Changed(DriftDirections.Down)
            : up >= Apart(lowest, all, WarningConfidence) ? next.Warned(DriftDirections.Up)
            : down >= Apart(highest, all, WarningConfidence) ? next.Warned(DriftDirections.Down)
            : next;
    }

    private double Bound(long count) => Math.Sqrt(Math.Log(1 / Confidence) / (2.0 * count));

    /// <summary>What the mean of all may be off the mean of its first part by chance; infinite if there is no other part.</summary>
    private static double Apart(Part first, Part all, double confidence) =>
        first.Count == all.Count
            ? double.PositiveInfinity
            : Math.Sqrt((double)(all.Count - first.Count) / first.Count / all.Count / 2 * Math.Log(2 / confidence));

    private protected override DriftDetector Fresh() => new HddmA(Confidence, WarningConfidence);

    private protected override void WriteOwn(StateWriter state)
    {
        foreach (var part in (ReadOnlySpan<Part>)[All, Lowest, Highest])
        {
            state.Count(part.Count);
            state.Number(part.Sum);
        }
    }

    private protected override DriftDetector ReadOwn(StateReader state) =>
        this with
        {
            All = Part.Read(state),
            Lowest = Part.Read(state),
            Highest = Part.Read(state),
        };

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Part(long Count, double Sum)
    {
        public double Mean => Count == 0 ? 0 : Sum / Count;

        public static Part Read(StateReader state) => new(state.Count(), state.Number());
    }
}
