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
        var (start, sum) = (0L, default(StepSum));
        foreach (var point in points.Where(p => !double.IsNaN(p.Value)))
        {
            var step = StartOf(point.UnixMs, stepMs);
            if (sum.Count > 0 && step != start)
            {
                yield return At(start, sum);
                sum = default;
            }

            start = step;
            sum = sum.With(point.Value);
        }

        if (sum.Count > 0)
        {
            yield return At(start, sum);
        }
    }

    /// <summary>Of the step that a time is in.</summary>
    public static long StartOf(long unixMs, long stepMs) => unixMs - (((unixMs % stepMs) + stepMs) % stepMs);

    /// <summary>The means alone.</summary>
    public static IEnumerable<SeriesPoint> MeanPerStep(this IEnumerable<SeriesPoint> points, long stepMs) =>
        points.Steps(stepMs).Select(s => new SeriesPoint(s.UnixMs, s.Mean));

    private static Step At(long unixMs, StepSum sum) => new(unixMs, sum.Mean, sum.Least, sum.Most, sum.Last);
}
