namespace RalmActors.Monitoring.Domain.Series;

public static class Downsampling
{
    /// <summary>
    /// The mean of each step that has points, at the step's start; steps are aligned to multiples of the step, so that
    /// the same question a moment later gives the same steps. NaN values are left out.
    /// </summary>
    /// <param name="stepMs">Milliseconds, at least 1.</param>
    public static IEnumerable<SeriesPoint> MeanPerStep(this IEnumerable<SeriesPoint> points, long stepMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepMs, 1);
        var (start, mean, count) = (0L, 0.0, 0);
        foreach (var point in points.Where(p => !double.IsNaN(p.Value)))
        {
            var step = point.UnixMs - (((point.UnixMs % stepMs) + stepMs) % stepMs);
            if (count > 0 && step != start)
            {
                yield return new SeriesPoint(start, mean);
                count = 0;
            }

            start = step;
            count++;
            mean = count == 1 ? point.Value : mean + ((point.Value - mean) / count);
        }

        if (count > 0)
        {
            yield return new SeriesPoint(start, mean);
        }
    }
}
