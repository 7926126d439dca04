using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Reading;
using RalmActors.Monitoring.Domain.Series;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;
using SeriesFunction = RalmActors.Messages.Monitoring.GetManySeries.Types.SeriesFunction;

namespace RalmActors.Monitoring.Tests.Domain;

public class SeriesFunctionSpecs
{
    [Fact]
    public void A_counter_grows_from_step_to_step_and_begins_anew_where_it_goes_back()
    {
        // 0 10 20 | 30 5 15 | 25 35 45, 20 s each: from 20 to 30, anew to 5, to 15.
        var state = Collector([0, 10, 20, 30, 5, 15, 25, 35, 45]);

        Assert.Equal([20, 25, 30], Ask(state, SeriesFunction.Increase).Values);
        Assert.Equal([20 / 60.0, 25 / 60.0, 30 / 60.0], Ask(state, SeriesFunction.Rate).Values);
        Assert.Equal([25, 30], Ask(state, SeriesFunction.Increase, a => a.From = At(60)).Values);
    }

    [Fact]
    public void Growth_of_steps_is_that_of_their_points()
    {
        var points = new Columns(
            [.. Enumerable.Range(0, 60).Select(i => i * 60_000L)],
            [
                [.. Enumerable.Range(0, 60).Select(i => (double)(i % 23))],
            ]
        );
        var (ofPoints, ofSteps, tier) = (
            new IncreaseFunction(1, 600_000, 1),
            new IncreaseFunction(1, 600_000, 1),
            new StepTable(1, 300_000)
        );
        ofPoints.Add(points);
        tier.Add(points);
        ofSteps.Add(tier.ToColumns());

        Assert.Equal(
            ofPoints.Values().OrderBy(v => v.Key).Skip(1).Select(v => v.Value[0]),
            ofSteps.Values().OrderBy(v => v.Key).Skip(1).Select(v => v.Value[0])
        );
    }

    [Theory]
    [InlineData(SeriesFunction.Mean, 2, 5)]
    [InlineData(SeriesFunction.Least, 1, 4)]
    [InlineData(SeriesFunction.Most, 3, 6)]
    [InlineData(SeriesFunction.Last, 2, 6)]
    public void A_step_says_what_it_is_asked_for(SeriesFunction function, double first, double second) =>
        Assert.Equal([first, second], Ask(Collector([1, 3, 2, 4, 5, 6]), function).Values);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 3)]
    [InlineData(0.75, 4)]
    [InlineData(0.9, 7.6)]
    [InlineData(1, 10)]
    public void A_quantile_lies_between_two_numbers_by_proportion(double quantile, double expected) =>
        Assert.Equal(
            expected,
            Ask(
                Collector([3, 1, 10, 2, 4]),
                SeriesFunction.Quantile,
                a => (a.Quantile, a.StepSeconds) = (quantile, 3600)
            )
                .Values.Single(),
            12
        );

    [Fact]
    public void What_was_is_beside_what_is()
    {
        var series = Ask(
            Collector([1, 1, 1, 2, 2, 2, 5, 5, 5]),
            SeriesFunction.Mean,
            a => (a.OffsetSeconds, a.From, a.To) = (60, At(60), At(180))
        );

        Assert.Equal(([2, 5], [1, 2]), (series.Values, series.Before));
    }

    [Fact]
    public void A_trend_is_the_line_that_outliers_do_not_bend()
    {
        var values = Enumerable.Range(0, 60).Select(i => 10 + (0.5 * (i / 3))).ToArray();
        (values[3], values[4], values[5], values[30]) = (9000, 9000, 9000, -400);

        var series = Ask(Collector(values), SeriesFunction.Trend);

        Assert.Equal(0.5 / 60, series.SlopePerSecond, 1e-9);
        Assert.Equal(10, series.Values[0], 1e-6);
        Assert.Equal(19.5, series.Values[19], 1e-6);
    }

    [Fact]
    public void Of_one_step_there_is_no_trend() =>
        Assert.True(double.IsNaN(Ask(Collector([1]), SeriesFunction.Trend).SlopePerSecond));

    [Fact]
    public void Only_a_hundred_quantiles_are_asked_for_at_once()
    {
        var state = CollectorState.Empty(Source);
        var command = Sampling("s", T0, [.. Enumerable.Range(0, 101).Select(i => ($"m{i}", 1.0))]);
        state = state.Decide(command, T0).Events.Aggregate(state, (s, e) => s.Apply(e));

        var reply = (ManySeriesReply)
            state.Answer(
                new GetManySeries
                {
                    StepSeconds = 60,
                    Function = SeriesFunction.Quantile,
                    Quantile = 0.5,
                }
            );

        Assert.Equal(("metrics", "101"), (reply.Rejection.Field, reply.Rejection.Value));
    }

    private static OneSeries Ask(CollectorState state, SeriesFunction function, Action<GetManySeries>? more = null)
    {
        var asked = new GetManySeries
        {
            Metrics = { "v" },
            StepSeconds = 60,
            Function = function,
        };
        more?.Invoke(asked);
        return ((ManySeriesReply)state.Answer(asked)).Series.Single();
    }

    private static CollectorState Collector(double[] values)
    {
        var state = CollectorState.Empty(Source);
        foreach (var (i, value) in values.Index())
        {
            var at = T0.AddSeconds(20 * i);
            state = state
                .Decide(Sampling($"s-{i}", at, ("v", value)), at)
                .Events.Aggregate(state, (s, e) => s.Apply(e));
        }

        return state;
    }

    private static Timestamp At(int second) => Timestamp.FromDateTimeOffset(T0.AddSeconds(second));
}
