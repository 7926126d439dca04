using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>Puts together what chunks and open samplings have of some metrics.</summary>
/// <param name="series">Knows since when each metric has its index.</param>
/// <param name="metrics">Indices.</param>
/// <param name="fromUnixMs">The first time that is taken.</param>
/// <param name="toUnixMs">The first that is not.</param>
public sealed class ColumnsBuilder(SeriesStore series, IReadOnlyList<int> metrics, long fromUnixMs, long toUnixMs)
{
    private readonly List<long> _times = [];
    private readonly List<double>[] _values = [.. metrics.Select(_ => new List<double>())];

    public void Add(Chunk chunk)
    {
        if (chunk.LastUnixMs < fromUnixMs || chunk.FirstUnixMs >= toUnixMs)
        {
            return;
        }

        var columns = ChunkCodec.Values(chunk, metrics);
        if (Array.TrueForAll(columns, c => c is null))
        {
            return;
        }

        // Within a chunk times only go forward.
        var times = ChunkCodec.Times(chunk);
        var first = FirstNotBefore(times, fromUnixMs);
        var count = FirstNotBefore(times, toUnixMs) - first;
        _times.AddRange(times.AsSpan(first, count));
        for (var m = 0; m < columns.Length; m++)
        {
            if (columns[m] is not { } column)
            {
                _values[m].AddRange(Enumerable.Repeat(Sampling.Absent, count));
                continue;
            }

            // What was under this index before was another metric.
            var others = FirstNotBefore(times, series.Tracks[metrics[m]].SinceMs);
            column.AsSpan(0, others).Fill(Sampling.Absent);
            _values[m].AddRange(column.AsSpan(first, count));
        }
    }

    public void Add(IEnumerable<Sampling> samplings)
    {
        foreach (var sampling in samplings.Where(s => s.UnixMs >= fromUnixMs && s.UnixMs < toUnixMs))
        {
            _times.Add(sampling.UnixMs);
            for (var m = 0; m < _values.Length; m++)
            {
                var isOwn = sampling.UnixMs >= series.Tracks[metrics[m]].SinceMs;
                _values[m].Add(isOwn ? sampling[metrics[m]] : Sampling.Absent);
            }
        }
    }

    /// <summary>All that was added since the last time, in the order of time.</summary>
    public Columns Take()
    {
        var columns = new Columns([.. _times], [.. _values.Select(v => v.ToArray())]).InOrder();
        _times.Clear();
        Array.ForEach(_values, v => v.Clear());
        return columns;
    }

    private static int FirstNotBefore(long[] times, long unixMs)
    {
        var at = Array.BinarySearch(times, unixMs);
        return at < 0 ? ~at : at;
    }
}
