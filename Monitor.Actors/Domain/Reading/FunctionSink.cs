using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>A function of each step, beside what it was earlier.</summary>
/// <param name="reply">Names the series.</param>
/// <param name="function">Of the time that is asked for.</param>
/// <param name="earlier">Of the time that it is compared with; null: with none.</param>
/// <param name="offsetMs">How much earlier that is: a multiple of a step.</param>
/// <param name="fromUnixMs">Steps before are read only to know what came before.</param>
/// <param name="most">Steps in the reply.</param>
/// <param name="isTrend">The line through the steps, in place of them.</param>
public sealed class FunctionSink(
    ManySeriesReply reply,
    IStepFunction function,
    IStepFunction? earlier,
    long offsetMs,
    long fromUnixMs,
    int most,
    bool isTrend
) : ISeriesSink
{
    private const double Second = 1000;

    public Tier Tier => function.Tier;

    // The step before the first is not in the reply.
    public bool IsFull => function.Count > most + 1;

    public void Add(Columns points) => function.Add(points);

    public void Add(StepColumns steps) => function.Add(steps);

    public IWireMessage Reply()
    {
        var values = function.Values();
        var before = earlier?.Values();
        var times = values.Keys.Union(before?.Keys.Select(at => at + offsetMs) ?? []).Where(at => at >= fromUnixMs);
        foreach (var at in times.Order())
        {
            if (reply.UnixMs.Count == most)
            {
                reply.NextFromUnixMs = at;
                break;
            }

            reply.UnixMs.Add(at);
            for (var m = 0; m < reply.Series.Count; m++)
            {
                reply.Series[m].Values.Add(values.TryGetValue(at, out var of) ? of[m] : double.NaN);
                if (before is not null)
                {
                    var then = before.TryGetValue(at - offsetMs, out var found) ? found[m] : double.NaN;
                    reply.Series[m].Before.Add(then);
                }
            }
        }

        if (isTrend)
        {
            foreach (var series in reply.Series)
            {
                PutLine(series);
            }
        }

        return reply;
    }

    private void PutLine(OneSeries series)
    {
        if (reply.UnixMs.Count == 0)
        {
            return;
        }

        var start = reply.UnixMs[0];
        var (slope, intercept) = TheilSen.Fit([
            .. reply.UnixMs.Zip(series.Values, (at, value) => ((at - start) / Second, value)),
        ]);
        series.SlopePerSecond = slope;
        series.Values.Clear();
        series.Values.Add(reply.UnixMs.Select(at => intercept + (slope * (at - start) / Second)));
    }
}

/// <summary>Only takes: another one answers.</summary>
/// <param name="most">Steps that can be compared with.</param>
public sealed class EarlierSink(IStepFunction function, int most) : ISeriesSink
{
    public Tier Tier => function.Tier;

    public bool IsFull => function.Count > most + 1;

    public void Add(Columns points) => function.Add(points);

    public void Add(StepColumns steps) => function.Add(steps);

    public IWireMessage Reply() => throw new NotSupportedException("the reading it belongs to answers");
}
