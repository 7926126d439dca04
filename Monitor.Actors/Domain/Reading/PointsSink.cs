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
        for (var i = 0; i < points.UnixMs.Length && !IsFull; i++)
        {
            // A sampling without any of them is no time of theirs.
            var at = i;
            if (Array.TrueForAll(points.Values, v => Sampling.IsAbsent(v[at])))
            {
                continue;
            }

            if (reply.UnixMs.Count == most)
            {
                reply.NextFromUnixMs = points.UnixMs[i];
                break;
            }

            reply.UnixMs.Add(points.UnixMs[i]);
            for (var m = 0; m < reply.Series.Count; m++)
            {
                var value = points.Values[m][i];
                reply.Series[m].Values.Add(Sampling.IsAbsent(value) ? double.NaN : value);
            }
        }
    }

    public void Add(StepColumns steps) => throw new NotSupportedException("steps have no points");

    public IWireMessage Reply() => form(reply);
}
