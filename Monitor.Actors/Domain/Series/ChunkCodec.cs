using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Many samplings in one chunk. All metrics of a sampling share its time, so times are stored once for the whole chunk and a
/// timer's jitter costs nothing per point.
/// </summary>
public static class ChunkCodec
{
    public static Chunk Seal(IReadOnlyList<Sampling> samplings)
    {
        var times = samplings.Select(l => l.UnixMs).ToArray();
        var bits = new BitWriter();
        IntegerCodec.Write(bits, times, order: 2);
        var chunk = new Chunk { Count = samplings.Count, Times = UnsafeByteOperations.UnsafeWrap(bits.ToArray()) };
        if (samplings.Count > 0)
        {
            (chunk.FirstUnixMs, chunk.LastUnixMs) = (times[0], times[^1]);
        }

        var metrics = samplings.Select(l => l.Values.Length).DefaultIfEmpty().Max();
        var values = new double[samplings.Count];
        for (var metric = 0; metric < metrics; metric++)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = samplings[i][metric];
            }

            if (!Array.TrueForAll(values, Sampling.IsAbsent))
            {
                chunk.Columns.Add(
                    new Column
                    {
                        Metric = (uint)metric,
                        Values = UnsafeByteOperations.UnsafeWrap(ColumnCodec.Encode(values)),
                    }
                );
            }
        }

        return chunk;
    }

    public static long[] Times(Chunk chunk)
    {
        var times = new long[chunk.Count];
        var bits = new BitReader(chunk.Times.Span);
        IntegerCodec.Read(ref bits, times, order: 2);
        return times;
    }

    /// <summary>One metric's values, one per time; <c>null</c> when the chunk has none of it.</summary>
    public static double[]? Values(Chunk chunk, int metric)
    {
        foreach (var column in chunk.Columns)
        {
            if (column.Metric == metric)
            {
                var values = new double[chunk.Count];
                ColumnCodec.Decode(column.Values.Span, values);
                return values;
            }
        }

        return null;
    }

    /// <summary>The values of some metrics, one per time; <c>null</c> for those of which the chunk has none.</summary>
    public static double[]?[] Values(Chunk chunk, IReadOnlyList<int> metrics)
    {
        var places = new Dictionary<uint, int>(metrics.Count);
        for (var i = 0; i < metrics.Count; i++)
        {
            places[(uint)metrics[i]] = i;
        }

        var values = new double[]?[metrics.Count];
        foreach (var column in chunk.Columns)
        {
            if (places.TryGetValue(column.Metric, out var place) && column.Field == 0)
            {
                ColumnCodec.Decode(column.Values.Span, values[place] = new double[chunk.Count]);
            }
        }

        return values;
    }

    public static ImmutableList<Sampling> Open(Chunk chunk)
    {
        var times = Times(chunk);
        var width = chunk.Columns.Count == 0 ? 0 : (int)chunk.Columns[^1].Metric + 1;
        var rows = times.Select(_ => Enumerable.Repeat(Sampling.Absent, width).ToArray()).ToArray();
        foreach (var column in chunk.Columns)
        {
            var values = Values(chunk, (int)column.Metric)!;
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i][column.Metric] = values[i];
            }
        }

        return [.. times.Zip(rows, (at, row) => new Sampling(at, [.. row]))];
    }
}
