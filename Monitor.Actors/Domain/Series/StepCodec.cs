using Google.Protobuf;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Steps in one chunk: for each metric a column of its last numbers, and one each of counts, means, least and most, left out where it
/// is the same as that of the last. A mean that is not one of the numbers is kept to 7 digits.
/// </summary>
public static class StepCodec
{
    private const uint Last = 1;
    private const uint Count = 2;
    private const uint Mean = 3;
    private const uint Least = 4;
    private const uint Most = 5;

    /// <param name="steps">By metric index.</param>
    /// <param name="of">What has gone into them.</param>
    /// <param name="stepMs">Milliseconds.</param>
    public static Chunk Seal(StepColumns steps, ChunkSpan of, long stepMs)
    {
        var bits = new BitWriter();
        IntegerCodec.Write(bits, steps.UnixMs, order: 2);
        var chunk = new Chunk
        {
            Nr = of.Nr,
            ThroughNr = of.ThroughNr,
            Count = steps.UnixMs.Length,
            Times = UnsafeByteOperations.UnsafeWrap(bits.ToArray()),
            FirstUnixMs = steps.UnixMs is [var first, ..] ? first : of.FirstUnixMs,
            LastUnixMs = steps.UnixMs is [.., var last] ? last + stepMs - 1 : of.LastUnixMs,
        };
        for (var m = 0; m < steps.Sums.Length; m++)
        {
            var sums = steps.Sums[m];
            if (Array.TrueForAll(sums, s => s.Count == 0))
            {
                continue;
            }

            var lasts = Column(sums, s => s.Last);
            Put(chunk, m, Last, lasts);
            Put(chunk, m, Count, Column(sums, s => s.Count));
            PutUnlessSame(chunk, m, Mean, lasts, Column(sums, MeanOf));
            PutUnlessSame(chunk, m, Least, lasts, Column(sums, s => s.Least));
            PutUnlessSame(chunk, m, Most, lasts, Column(sums, s => s.Most));
        }

        return chunk;
    }

    /// <summary>The steps of some metrics.</summary>
    /// <param name="metrics">Indices.</param>
    public static StepColumns Open(Chunk chunk, IReadOnlyList<int> metrics)
    {
        var places = new Dictionary<uint, int>(metrics.Count);
        for (var i = 0; i < metrics.Count; i++)
        {
            places[(uint)metrics[i]] = i;
        }

        var found = new Dictionary<uint, double[]>?[metrics.Count];
        foreach (var column in chunk.Columns)
        {
            if (places.TryGetValue(column.Metric, out var place))
            {
                var values = new double[chunk.Count];
                ColumnCodec.Decode(column.Values.Span, values);
                (found[place] ??= [])[column.Field] = values;
            }
        }

        return new StepColumns(ChunkCodec.Times(chunk), [.. found.Select(f => Sums(f, chunk.Count))]);
    }

    private static StepSum[] Sums(Dictionary<uint, double[]>? columns, int count)
    {
        var sums = new StepSum[count];
        if (columns is null)
        {
            return sums;
        }

        var lasts = columns[Last];
        for (var i = 0; i < count; i++)
        {
            if (!Sampling.IsAbsent(lasts[i]))
            {
                sums[i] = StepSum.Of((int)columns[Count][i], At(Mean, i), At(Least, i), At(Most, i), lasts[i]);
            }
        }

        return sums;

        double At(uint field, int i) => columns.GetValueOrDefault(field, lasts)[i];
    }

    private static double[] Column(StepSum[] sums, Func<StepSum, double> of) =>
        Array.ConvertAll(sums, s => s.Count == 0 ? Sampling.Absent : of(s));

    /// <summary>All digits of a mean are noise that takes more room than the rest of its step.</summary>
    private static double MeanOf(StepSum sum)
    {
        double shorter = (float)sum.Mean;
        // Too large or too small for the shorter form, or the last number itself: as it is.
        return !sum.Mean.Equals(sum.Last) && Math.Abs(shorter - sum.Mean) <= 1e-7 * Math.Abs(sum.Mean)
            ? shorter
            : sum.Mean;
    }

    private static void PutUnlessSame(Chunk chunk, int metric, uint field, double[] lasts, double[] values)
    {
        if (!values.AsSpan().SequenceEqual(lasts))
        {
            Put(chunk, metric, field, values);
        }
    }

    private static void Put(Chunk chunk, int metric, uint field, double[] values) =>
        chunk.Columns.Add(
            new Column
            {
                Metric = (uint)metric,
                Field = field,
                Values = UnsafeByteOperations.UnsafeWrap(ColumnCodec.Encode(values)),
            }
        );
}
