using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Series;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

public class SeriesAnswerSpecs
{
    [Fact]
    public void A_peak_is_seen_in_its_step()
    {
        var state = Collector([.. Enumerable.Range(0, 120).Select(i => (30 * i, "cpu", i == 60 ? 1000.0 : 1))]);

        var reply = Ask(state, new GetSeries { Metric = "cpu", StepSeconds = 3600 });

        Assert.Equal(
            [(1 + (999 / 120.0), 1.0, 1000.0, 1.0)],
            Steps(reply).Select(s => (Math.Round(s.Item1, 9), s.Item2, s.Item3, s.Item4))
        );
    }

    [Theory]
    [InlineData(new[] { 1, 2, double.PositiveInfinity, 4, 5 }, double.PositiveInfinity)]
    [InlineData(new[] { double.NegativeInfinity, 2, 4 }, double.NegativeInfinity)]
    [InlineData(new[] { double.PositiveInfinity, double.PositiveInfinity }, double.PositiveInfinity)]
    [InlineData(new[] { double.NegativeInfinity, 2, double.PositiveInfinity }, double.NaN)]
    [InlineData(new[] { double.MaxValue, double.MaxValue }, double.MaxValue)]
    [InlineData(new[] { double.MaxValue, -double.MaxValue }, 0)]
    public void The_mean_is_what_arithmetic_says(double[] values, double mean) =>
        Assert.Equal(mean, values.Select((v, i) => new SeriesPoint(i, v)).Steps(1000).Single().Mean);

    [Fact]
    public void Many_series_are_one_answer_over_one_column_of_times()
    {
        var state = Collector([
            (0, "node_a", 1),
            (0, "node_b", 2),
            (30, "node_a", 3),
            (30, "other", 9),
            (60, "lone", 5),
        ]);

        var all = Ask(state, new GetManySeries());
        var nodes = Ask(state, new GetManySeries { Metrics = { "node_*" } });
        var named = Ask(state, new GetManySeries { Metrics = { "other", "lone" }, StepSeconds = 60 });

        Assert.Equal(["lone", "node_a", "node_b", "other"], all.Series.Select(s => s.Metric));
        Assert.Equal(3, all.UnixMs.Count);
        Assert.Equal([("node_a", "1 3"), ("node_b", "2 NaN")], nodes.Series.Select(s => (s.Metric, Text(s.Values))));
        Assert.Equal(
            [("lone", "NaN 5", "NaN 5"), ("other", "9 NaN", "9 NaN")],
            named.Series.Select(s => (s.Metric, Text(s.Values), Text(s.Most)))
        );
    }

    [Fact]
    public void An_answer_of_many_series_is_cut_and_goes_on()
    {
        var state = CollectorState.Empty(Source);
        var names = Enumerable.Range(0, 500).Select(i => $"m{i:000}").ToArray();
        for (var i = 0; i < 500; i++)
        {
            var command = Sampling($"l-{i}", T0.AddSeconds(i), [.. names.Select(n => (n, (double)i))]);
            state = state.Decide(command, T0.AddSeconds(i)).Events.Aggregate(state, (s, e) => s.Apply(e));
        }

        var first = Ask(state, new GetManySeries());
        var rest = Ask(
            state,
            new GetManySeries
            {
                From = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(
                    DateTimeOffset.FromUnixTimeMilliseconds(first.NextFromUnixMs)
                ),
            }
        );

        Assert.Equal((400, 100, 0L), (first.UnixMs.Count, rest.UnixMs.Count, rest.NextFromUnixMs));
        Assert.Equal(
            Enumerable.Range(0, 500).Select(i => (double)i),
            [.. first.Series[499].Values, .. rest.Series[499].Values]
        );
        Assert.InRange(first.CalculateSize(), 1, 2_000_000);
    }

    [Fact]
    public void What_is_unknown_is_not_found()
    {
        IQuery[] questions =
        [
            new GetSeries { Metric = "cpu" },
            new GetManySeries(),
            new GetAlerts(),
            new GetSilences(),
        ];
        Assert.All(
            questions,
            q => Assert.Equal(Source, Assert.IsType<NotFoundReply>(CollectorState.Empty(Source).Answer(q)).EntityId)
        );
        var state = Collector([(0, "cpu", 1)]);

        Assert.Equal(RejectionCode.NotFound, Ask(state, new GetSeries { Metric = "cpu2" }).Rejection.Code);
        Assert.Equal("mem*", Ask(state, new GetManySeries { Metrics = { "cpu", "mem*" } }).Rejection.Value);
        Assert.Null(Ask(state, new GetSeries { Metric = "cpu" }).Rejection);
    }

    [Theory]
    [InlineData("""a{l="x\"y"}""", true)]
    [InlineData("""a{l="x\\",m="\n"}""", true)]
    [InlineData("""a{l="ä ü"}""", true)]
    [InlineData("""a{l="x\y"}""", false)]
    [InlineData("""a{l="x\"}""", false)]
    [InlineData("""a{l="x"y"}""", false)]
    public void A_label_is_escaped_as_in_the_text_format(string name, bool valid) =>
        Assert.Equal(valid, MetricNames.IsValid(name));

    private static CollectorState Collector((int Second, string Name, double Value)[] points)
    {
        var state = CollectorState.Empty(Source);
        foreach (var sampling in points.GroupBy(p => p.Second))
        {
            var at = T0.AddSeconds(sampling.Key);
            var command = Sampling($"l-{sampling.Key}", at, [.. sampling.Select(p => (p.Name, p.Value))]);
            state = state.Decide(command, at).Events.Aggregate(state, (s, e) => s.Apply(e));
        }

        return state;
    }

    private static SeriesReply Ask(CollectorState state, GetSeries query) => (SeriesReply)state.Answer(query);

    private static ManySeriesReply Ask(CollectorState state, GetManySeries query) =>
        (ManySeriesReply)state.Answer(query);

    private static IEnumerable<(double, double, double, double)> Steps(SeriesReply reply) =>
        reply.Values.Select((mean, i) => (mean, reply.Least[i], reply.Most[i], reply.Last[i]));

    private static string Text(IEnumerable<double> values) =>
        FormattableString.Invariant($"{string.Join(' ', values)}");
}
