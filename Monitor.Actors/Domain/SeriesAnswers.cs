using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain;

/// <summary>Series as they are asked for: one or many, every point or steps, cut where an answer would be too large.</summary>
public static class SeriesAnswers
{
    /// <summary>Points per reply of one series.</summary>
    public const int MaxPointsPerReply = 5000;

    /// <summary>Steps per reply of one series: each has four numbers.</summary>
    public const int MaxStepsPerReply = 2500;

    /// <summary>Numbers per reply of many series: 1.6 MB, of the 4 MiB that a message between nodes may have.</summary>
    public const int MaxNumbersPerReply = 200_000;

    private const char All = '*';
    private const int NumbersPerStep = 4;

    public static SeriesReply Answer(SeriesStore series, GetSeries asked)
    {
        var reply = new SeriesReply { SourceId = asked.SourceId, Metric = asked.Metric };
        if (series.IndexOf(asked.Metric) < 0)
        {
            reply.Rejection = Rejections.NotFound("metric", asked.Metric, "must be a metric of the source");
            return reply;
        }

        var points = series.Points(asked.Metric, Ms(asked.From, long.MinValue), Ms(asked.To, long.MaxValue));
        if (!(asked.StepSeconds > 0))
        {
            foreach (var point in points)
            {
                if (reply.Values.Count == MaxPointsPerReply)
                {
                    reply.NextFromUnixMs = point.UnixMs;
                    break;
                }

                reply.UnixMs.Add(point.UnixMs);
                reply.Values.Add(point.Value);
            }

            return reply;
        }

        foreach (var step in points.Steps(StepMs(asked.StepSeconds)))
        {
            if (reply.Values.Count == MaxStepsPerReply)
            {
                reply.NextFromUnixMs = step.UnixMs;
                break;
            }

            reply.UnixMs.Add(step.UnixMs);
            reply.Values.Add(step.Mean);
            reply.Least.Add(step.Least);
            reply.Most.Add(step.Most);
            reply.Last.Add(step.Last);
        }

        return reply;
    }

    public static ManySeriesReply Answer(SeriesStore series, GetManySeries asked)
    {
        var reply = new ManySeriesReply { SourceId = asked.SourceId };
        if (asked.Metrics.FirstOrDefault(m => !series.Metrics.Any(name => Matches(name, m))) is { } unknown)
        {
            reply.Rejection = Rejections.NotFound(
                "metrics",
                unknown,
                "must be a metric of the source, or the beginning of some, followed by *"
            );
            return reply;
        }

        int[] found =
        [
            .. Enumerable
                .Range(0, series.Metrics.Length)
                .Where(i => asked.Metrics.Count == 0 || asked.Metrics.Any(m => Matches(series.Metrics[i], m)))
                .OrderBy(i => series.Metrics[i], StringComparer.Ordinal),
        ];
        var columns = series.Read(found, Ms(asked.From, long.MinValue), Ms(asked.To, long.MaxValue));
        reply.Series.Add(found.Select(i => new OneSeries { Metric = series.Metrics[i] }));
        if (asked.StepSeconds > 0)
        {
            PutSteps(reply, columns, StepMs(asked.StepSeconds));
        }
        else
        {
            PutPoints(reply, columns);
        }

        return reply;
    }

    private static void PutPoints(ManySeriesReply reply, Columns columns)
    {
        var most = MaxNumbersPerReply / Math.Max(1, reply.Series.Count);
        for (var i = 0; i < columns.UnixMs.Length; i++)
        {
            // A sampling without any of them is no time of theirs.
            if (Array.TrueForAll(columns.Values, v => Sampling.IsAbsent(v[i])))
            {
                continue;
            }

            if (reply.UnixMs.Count == most)
            {
                reply.NextFromUnixMs = columns.UnixMs[i];
                break;
            }

            reply.UnixMs.Add(columns.UnixMs[i]);
            for (var m = 0; m < reply.Series.Count; m++)
            {
                var value = columns.Values[m][i];
                reply.Series[m].Values.Add(Sampling.IsAbsent(value) ? double.NaN : value);
            }
        }
    }

    private static void PutSteps(ManySeriesReply reply, Columns columns, long stepMs)
    {
        var steps = reply
            .Series.Select((_, m) => columns.Points(m).Steps(stepMs).ToDictionary(s => s.UnixMs))
            .ToArray();
        long[] times = [.. steps.SelectMany(s => s.Keys).Distinct().Order()];
        var most = MaxNumbersPerReply / NumbersPerStep / Math.Max(1, reply.Series.Count);
        reply.NextFromUnixMs = times.Length > most ? times[most] : 0;
        foreach (var at in times.Take(most))
        {
            reply.UnixMs.Add(at);
            for (var m = 0; m < steps.Length; m++)
            {
                var step = steps[m].TryGetValue(at, out var found)
                    ? found
                    : new Downsampling.Step(at, double.NaN, double.NaN, double.NaN, double.NaN);
                reply.Series[m].Values.Add(step.Mean);
                reply.Series[m].Least.Add(step.Least);
                reply.Series[m].Most.Add(step.Most);
                reply.Series[m].Last.Add(step.Last);
            }
        }
    }

    private static bool Matches(string name, string asked) =>
        asked.EndsWith(All) ? name.StartsWith(asked[..^1], StringComparison.Ordinal) : name == asked;

    private static long Ms(Timestamp? at, long otherwise) =>
        at?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? otherwise;

    private static long StepMs(double seconds) => (long)Math.Clamp(seconds * 1000, 1, SeriesStore.RetentionMs);
}
