using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Reading;
using RalmActors.Monitoring.Domain.Series;
using SeriesFunction = RalmActors.Messages.Monitoring.GetManySeries.Types.SeriesFunction;

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

    /// <summary>How a question about series is answered, or what is wrong with it.</summary>
    public static (SeriesReading? Reading, IWireMessage? Refusal) Begin(SeriesStore series, IQuery question) =>
        question switch
        {
            GetSeries asked => Begin(series, asked),
            GetManySeries asked => Begin(series, asked),
            _ => throw new NotSupportedException(question.GetType().Name),
        };

    private static (SeriesReading? Reading, IWireMessage? Refusal) Begin(SeriesStore series, GetSeries asked)
    {
        var reply = new SeriesReply { SourceId = asked.SourceId, Metric = asked.Metric };
        var index = series.IndexOf(asked.Metric);
        if (index < 0)
        {
            reply.Rejection = Rejections.NotFound("metric", asked.Metric, "must be a metric of the source");
            return (null, reply);
        }

        if (QuestionRules.Check(asked.StepSeconds, asked.From, asked.To) is { } wrong)
        {
            reply.Rejection = wrong;
            return (null, reply);
        }

        return (
            Read(
                series,
                [index],
                (asked.From, asked.To, asked.StepSeconds),
                new ManySeriesReply { Series = { new OneSeries() } },
                asked.StepSeconds > 0 ? MaxStepsPerReply : MaxPointsPerReply,
                many => Fill(reply, many)
            ),
            null
        );
    }

    private static (SeriesReading? Reading, IWireMessage? Refusal) Begin(SeriesStore series, GetManySeries asked)
    {
        var reply = new ManySeriesReply { SourceId = asked.SourceId };
        int[] found =
        [
            .. Enumerable
                .Range(0, series.Metrics.Length)
                .Where(i => asked.Metrics.Count == 0 || asked.Metrics.Any(m => Matches(series.Metrics[i], m)))
                .OrderBy(i => series.Metrics[i], StringComparer.Ordinal),
        ];
        reply.Rejection = QuestionRules.Check(asked, found.Length) ?? CheckMetrics(series, asked);
        if (reply.Rejection is not null)
        {
            return (null, reply);
        }

        reply.Series.Add(found.Select(i => new OneSeries { Metric = series.Metrics[i] }));
        var each = Math.Max(1, found.Length);
        if (asked.Function != SeriesFunction.Unspecified || asked.HasOffsetSeconds)
        {
            return (ReadFunction(series, found, asked, reply, MaxNumbersPerReply / 2 / each), null);
        }

        return (
            Read(
                series,
                found,
                (asked.From, asked.To, asked.StepSeconds),
                reply,
                MaxNumbersPerReply / each / (asked.StepSeconds > 0 ? NumbersPerStep : 1),
                many => many
            ),
            null
        );
    }

    private static Rejection? CheckMetrics(SeriesStore series, GetManySeries asked) =>
        asked.Metrics.FirstOrDefault(m => !series.Metrics.Any(name => Matches(name, m))) is { } unknown
            ? Rejections.NotFound(
                "metrics",
                unknown,
                "must be a metric of the source, or the beginning of some, followed by *"
            )
            : null;

    private static SeriesReading ReadFunction(
        SeriesStore series,
        int[] metrics,
        GetManySeries asked,
        ManySeriesReply reply,
        int most
    )
    {
        var (from, to, step) = (Ms(asked.From, long.MinValue), Ms(asked.To, long.MaxValue), StepMs(asked.StepSeconds));
        var offset = (long)(asked.OffsetSeconds * 1000);
        var function = Function(asked, metrics.Length, step);
        var earlier = asked.HasOffsetSeconds ? Function(asked, metrics.Length, step) : null;
        var sink = new FunctionSink(
            reply,
            function,
            earlier,
            offset,
            from == long.MinValue ? from : Downsampling.StartOf(from, step),
            most,
            asked.Function == SeriesFunction.Trend
        );
        return Reading(0, sink) with
        {
            Earlier = earlier is null ? null : Reading(offset, new EarlierSink(earlier, most)),
        };

        // What a counter had before the first step belongs to its growth.
        SeriesReading Reading(long shift, ISeriesSink into)
        {
            var before = asked.Function is SeriesFunction.Rate or SeriesFunction.Increase ? step : 0;
            return new SeriesReading(
                series,
                [.. metrics],
                from == long.MinValue ? from : from - shift - before,
                to == long.MaxValue ? to : to - shift,
                into
            );
        }
    }

    private static IStepFunction Function(GetManySeries asked, int metrics, long stepMs) =>
        asked.Function switch
        {
            SeriesFunction.Least => new SumFunction(metrics, stepMs, s => s.Least),
            SeriesFunction.Most => new SumFunction(metrics, stepMs, s => s.Most),
            SeriesFunction.Last => new SumFunction(metrics, stepMs, s => s.Last),
            SeriesFunction.Increase => new IncreaseFunction(metrics, stepMs, divisor: 1),
            SeriesFunction.Rate => new IncreaseFunction(metrics, stepMs, stepMs / 1000.0),
            SeriesFunction.Quantile => new QuantileFunction(metrics, stepMs, asked.Quantile),
            _ => new SumFunction(metrics, stepMs, s => s.Mean),
        };

    private static SeriesReading Read(
        SeriesStore series,
        int[] metrics,
        (Timestamp? From, Timestamp? To, double StepSeconds) asked,
        ManySeriesReply reply,
        int most,
        Func<ManySeriesReply, IWireMessage> form
    ) =>
        new(
            series,
            [.. metrics],
            Ms(asked.From, long.MinValue),
            Ms(asked.To, long.MaxValue),
            asked.StepSeconds > 0
                ? new StepsSink(reply, StepMs(asked.StepSeconds), most, form)
                : new PointsSink(reply, most, form)
        );

    private static SeriesReply Fill(SeriesReply reply, ManySeriesReply many)
    {
        var one = many.Series[0];
        reply.UnixMs.Add(many.UnixMs);
        reply.Values.Add(one.Values);
        reply.Least.Add(one.Least);
        reply.Most.Add(one.Most);
        reply.Last.Add(one.Last);
        reply.NextFromUnixMs = many.NextFromUnixMs;
        return reply;
    }

    private static bool Matches(string name, string asked) =>
        asked.EndsWith(All) ? name.StartsWith(asked[..^1], StringComparison.Ordinal) : name == asked;

    private static long Ms(Timestamp? at, long otherwise) =>
        at?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? otherwise;

    private static long StepMs(double seconds) => (long)(seconds * 1000);
}
