namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Several metrics over one column of times, oldest first.</summary>
/// <param name="Values">By metric, then by time; <see cref="Sampling.Absent"/> where there is none.</param>
public sealed record Columns(long[] UnixMs, double[][] Values)
{
    /// <summary>One metric's points.</summary>
    public IEnumerable<SeriesPoint> Points(int metric) =>
        Enumerable
            .Range(0, UnixMs.Length)
            .Where(i => !Sampling.IsAbsent(Values[metric][i]))
            .Select(i => new SeriesPoint(UnixMs[i], Values[metric][i]));

    /// <summary>Times may turn around where a clock was set back.</summary>
    internal Columns InOrder()
    {
        for (var i = 1; i < UnixMs.Length; i++)
        {
            if (UnixMs[i] < UnixMs[i - 1])
            {
                int[] order = [.. Enumerable.Range(0, UnixMs.Length).OrderBy(at => UnixMs[at])];
                return new Columns(
                    [.. order.Select(at => UnixMs[at])],
                    [.. Values.Select(v => order.Select(at => v[at]).ToArray())]
                );
            }
        }

        return this;
    }
}
