using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Series;

public static class Downsampling
{
    /// <summary>What one step holds; a mean alone would hide a peak.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Step(long UnixMs, double Mean, double Least, double Most, double Last);

    /// <summary>
    /// Each step that has points, at the step's start; steps are aligned to multiples of the step, so that the same question a
    /// moment later gives the same steps. NaN values are left out.
    /// </summary>
    /// <param name="stepMs">Milliseconds, at least 1.</param>
    public static IEnumerable<Step> Steps(this IEnumerable<SeriesPoint> points, long stepMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepMs, 1);
        var (start, sum) = (0L, default(Sum));
        foreach (var point in points.Where(p => !double.IsNaN(p.Value)))
        {
            var step = point.UnixMs - (((point.UnixMs % stepMs) + stepMs) % stepMs);
            if (sum.Count > 0 && step != start)
            {
                yield return sum.At(start);
                sum = default;
            }

            start = step;
            sum = sum.With(point.Value);
        }

        if (sum.Count > 0)
        {
            yield return sum.At(start);
        }
    }

    /// <summary>The means alone.</summary>
    public static IEnumerable<SeriesPoint> MeanPerStep(this IEnumerable<SeriesPoint> points, long stepMs) =>
        points.Steps(stepMs).Select(s => new SeriesPoint(s.UnixMs, s.Mean));

    /// <param name="Mean">Of the finite ones, as it grows: their sum might be too large for a number.</param>
    /// <param name="Finite">How many.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sum(
        double Mean,
        int Finite,
        int PlusInfinite,
        int MinusInfinite,
        double Least,
        double Most,
        double Last
    )
    {
        public int Count => Finite + PlusInfinite + MinusInfinite;

        public Sum With(double value)
        {
            var finite = Finite + (double.IsFinite(value) ? 1 : 0);
            return new Sum(
                finite == Finite ? Mean
                    : finite == 1 ? value
                    : Mean + ((value / finite) - (Mean / finite)),
                finite,
                PlusInfinite + (double.IsPositiveInfinity(value) ? 1 : 0),
                MinusInfinite + (double.IsNegativeInfinity(value) ? 1 : 0),
                Count == 0 ? value : Math.Min(Least, value),
                Count == 0 ? value : Math.Max(Most, value),
                value
            );
        }

        public Step At(long unixMs) =>
            new(
                unixMs,
                PlusInfinite > 0 && MinusInfinite > 0 ? double.NaN
                    : PlusInfinite > 0 ? double.PositiveInfinity
                    : MinusInfinite > 0 ? double.NegativeInfinity
                    : Mean,
                Least,
                Most,
                Last
            );
    }
}
