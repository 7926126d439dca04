using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>Every point.</summary>
/// <param name="reply">Names the series.</param>
/// <param name="most">Times in it.</param>
/// <param name="form">Of the answer.</param>
public sealed class PointsSink(ManySeriesReply reply, int most, Func<ManySeriesReply, IWireMessage> form) : ISeriesSink
{
    public Tier Tier => Tier.All[0];

    public bool IsFull => reply.NextFromUnixMs != 0;

    public void Add(Columns points)
    {
        if (IsFull)
        {
            return;
        }

        var known = Known(points);
        var taken = Math.Min(known.Length, most - reply.UnixMs.Count);
        if (taken < known.Length)
        {
            reply.NextFromUnixMs = points.UnixMs[known[taken]];
        }

        var isAll = taken == points.UnixMs.Length;
        reply.UnixMs.AddRange(isAll ? points.UnixMs : [.. known.Take(taken).Select(i => points.UnixMs[i])]);
        for (var m = 0; m < reply.Series.Count; m++)
        {
            double[] values = isAll ? points.Values[m] : [.. known.Take(taken).Select(i => points.Values[m][i])];
            reply.Series[m].Values.AddRange(Array.ConvertAll(values, v => Sampling.IsAbsent(v) ? double.NaN : v));
        }
    }

    /// <summary>A sampling without any of them is no time of theirs.</summary>
    private static int[] Known(Columns points)
    {
        var isKnown = new bool[points.UnixMs.Length];
        foreach (var values in points.Values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                isKnown[i] |= !Sampling.IsAbsent(values[i]);
            }
        }

        return [.. Enumerable.Range(0, isKnown.Length).Where(i => isKnown[i])];
    }

    public void Add(StepColumns steps) => throw new NotSupportedException("steps have no points");

    public IWireMessage Reply() => form(reply);
}
