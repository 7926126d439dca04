using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>One value a step: its mean, least, most and last.</summary>
/// <param name="reply">Names the series.</param>
/// <param name="stepMs">Milliseconds, at least 1.</param>
/// <param name="most">Steps in it.</param>
/// <param name="form">Of the answer.</param>
public sealed class StepsSink(ManySeriesReply reply, long stepMs, int most, Func<ManySeriesReply, IWireMessage> form)
    : ISeriesSink
{
    private readonly StepTable _steps = new(reply.Series.Count, stepMs);

    public Tier Tier { get; } = Tier.Of(stepMs);

    public bool IsFull => _steps.Count > most;

    public void Add(Columns points) => _steps.Add(points);

    public void Add(StepColumns steps) => _steps.Add(steps);

    public IWireMessage Reply()
    {
        foreach (var (at, sums) in _steps.Steps)
        {
            if (reply.UnixMs.Count == most)
            {
                reply.NextFromUnixMs = at;
                break;
            }

            reply.UnixMs.Add(at);
            for (var m = 0; m < sums.Length; m++)
            {
                var (series, sum) = (reply.Series[m], sums[m]);
                series.Values.Add(sum.Mean);
                series.Least.Add(sum.Least);
                series.Most.Add(sum.Most);
                series.Last.Add(sum.Last);
            }
        }

        return form(reply);
    }
}
