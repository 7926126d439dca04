using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

public class CollectorStateSpecs
{
    private readonly EntityCore<CollectorState> _collector = new(Source);
    private int _samplings;

    [Fact]
    public void A_sampling_is_one_event_and_names_a_metric_only_once()
    {
        var first = When(Sampling("l-1", T0, ("cpu", 10), ("memory", 20)));
        var second = When(Sampling("l-2", T0.AddSeconds(30), ("memory", 21), ("disk", 5)));

        Assert.Equal(["cpu", "memory"], Assert.IsType<MetricsRecorded>(Assert.Single(first.Events)).Introduced);
        var recorded = Assert.IsType<MetricsRecorded>(Assert.Single(second.Events));
        Assert.Equal(["disk"], recorded.Introduced);
        Assert.Equal([1u, 2u], recorded.Metrics);
        Assert.Equal([21.0, 5.0], recorded.Values);
    }

    [Fact]
    public void A_held_breach_is_journaled_with_the_sampling_that_showed_it()
    {
        When(Rules("r", Rule(forSeconds: 60)));

        Assert.Equal([AlertStatus.Pending], Changes(Cpu(95)));
        Assert.Empty(Changes(Cpu(95)));
        Assert.Equal([AlertStatus.Firing], Changes(Cpu(95)));
        Assert.Empty(Changes(Cpu(95)));
        Assert.Equal([AlertStatus.Resolved], Changes(Cpu(10)));
    }

    [Fact]
    public void Health_follows_the_worst_firing_alert_and_the_age_of_the_newest_look()
    {
        Assert.Equal(HealthStatus.Stale, Health(T0).Status);
        When(Rules("r", Rule(forSeconds: 0)));
        Cpu(95);
        Assert.Equal(HealthStatus.Unhealthy, Health(T0).Status);
        Assert.Equal("cpu-high", Assert.Single(Health(T0).Firing).RuleId);
        Cpu(10);
        Assert.Equal(HealthStatus.Healthy, Health(T0.AddSeconds(90)).Status);
        Assert.Equal(HealthStatus.Stale, Health(T0.AddSeconds(91)).Status);
    }

    [Fact]
    public void A_silenced_alert_fires_silently_and_is_told_when_the_silence_ends()
    {
        When(Rules("r", Rule(forSeconds: 0)));
        When(Silence("s", "cpu-high", T0.AddSeconds(50)));

        Assert.True(Alerts(Cpu(95)).Single().Silenced);
        Assert.Empty(Alerts(Cpu(95)));
        Assert.False(Alerts(Cpu(95)).Single().Silenced);
    }

    [Fact]
    public void A_rule_that_asks_another_question_starts_over()
    {
        When(Rules("r-1", Rule(forSeconds: 0), Rule("other", forSeconds: 0)));
        Cpu(95);

        When(Rules("r-2", Rule(forSeconds: 0, threshold: 99), Rule("other", forSeconds: 0)));

        Assert.Equal("other", Assert.Single(_collector.State.Alerts).Key);
    }

    [Fact]
    public void The_same_rules_again_leave_no_event()
    {
        When(Rules("r-1", Rule()));

        Assert.Empty(When(Rules("r-2", Rule())).Events);
    }

    [Fact]
    public void A_sampling_no_later_than_the_newest_is_refused()
    {
        Cpu(1);

        var refused = When(Sampling("late", T0, ("cpu", 2)));

        Assert.Equal((RejectionCode.Conflict, "at"), (refused.Rejection!.Code, refused.Rejection.Field));
        Assert.Equal("must be later than the newest sampling of the source", refused.Rejection.Rule);
    }

    [Fact]
    public void A_clock_far_ahead_is_refused_so_that_it_cannot_block_the_samplings_to_come() =>
        Assert.Equal(
            (
                "at",
                "must be at most 60 seconds ahead of the collector's clock, which says 2026-01-01T00:00:00.0000000+00:00"
            ),
            _collector.Decide(Sampling("l", T0.AddSeconds(61), ("cpu", 1)), T0).Rejection is { } r
                ? (r.Field, r.Rule)
                : default
        );

    [Theory]
    [InlineData("cpu percent")]
    [InlineData("")]
    [InlineData("9lives")]
    [InlineData("cpu{host=a}")]
    [InlineData("cpu\n")]
    public void A_bad_metric_name_is_refused_by_position_and_value(string name)
    {
        var rejection = When(Sampling("l", T0, ("cpu", 1), (name, 2))).Rejection!;

        Assert.Equal(("points[1].name", name), (rejection.Field, rejection.Value));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("node:cpu_total{host=\"a\",core=\"0\"}")]
    public void A_Prometheus_name_is_taken(string name) => Assert.Null(When(Sampling("l", T0, (name, 2))).Rejection);

    [Fact]
    public void A_metric_twice_in_a_sampling_is_refused() =>
        Assert.Equal("must occur once in a sampling", When(Sampling("l", T0, ("cpu", 1), ("cpu", 2))).Rejection!.Rule);

    [Fact]
    public void A_source_cannot_grow_beyond_its_metrics()
    {
        var points = Enumerable.Range(0, CollectorState.MaxPoints).Select(i => ($"m{i}", 1.0)).ToArray();
        var more = points.Select(p => ("n" + p.Item1, 1.0)).ToArray();
        When(Sampling("l-1", T0, points));
        When(Sampling("l-2", T0.AddSeconds(1), more));

        var refused = When(Sampling("l-3", T0.AddSeconds(2), ("one_more", 1)));

        Assert.Equal(RejectionCode.Overloaded, refused.Rejection!.Code);
        Assert.Null(When(Sampling("l-4", T0.AddSeconds(2), ("m0", 1))).Rejection);
    }

    [Fact]
    public void A_bad_rule_is_refused_by_field_value_and_rule()
    {
        var bad = Rule();
        bad.Threshold = double.NaN;

        var rejection = When(Rules("r", Rule("good"), bad)).Rejection!;

        Assert.Equal(
            ("rules[1].threshold", "NaN", "must be a finite number"),
            (rejection.Field, rejection.Value, rejection.Rule)
        );
    }

    [Fact]
    public void A_number_left_out_is_no_zero()
    {
        var (rule, sampling) = (Rule(), Sampling("l", T0, ("cpu", 1)));
        rule.ClearThreshold();
        sampling.Points[0].ClearValue();

        Assert.Equal("rules[0].threshold", When(Rules("r", rule)).Rejection!.Field);
        Assert.Equal("points[0].value", When(sampling).Rejection!.Field);
    }

    [Fact]
    public void A_silence_needs_a_rule_and_a_time_to_come()
    {
        When(Rules("r", Rule()));

        Assert.Equal(RejectionCode.NotFound, When(Silence("s-1", "no-such", T0.AddHours(1))).Rejection!.Code);
        Assert.Equal("until", When(Silence("s-2", "cpu-high", T0.AddHours(-1))).Rejection!.Field);
    }

    [Fact]
    public void A_long_series_is_answered_in_parts()
    {
        for (var i = 0; i < CollectorState.MaxPointsPerReply + 10; i++)
        {
            Cpu(i);
        }

        var first = Series(new GetSeries { Metric = "cpu" });
        var rest = Series(
            new GetSeries
            {
                Metric = "cpu",
                From = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(
                    DateTimeOffset.FromUnixTimeMilliseconds(first.NextFromUnixMs)
                ),
            }
        );

        Assert.Equal(CollectorState.MaxPointsPerReply, first.Values.Count);
        Assert.Equal(Enumerable.Range(CollectorState.MaxPointsPerReply, 10).Select(i => (double)i), rest.Values);
        Assert.Equal(0, rest.NextFromUnixMs);
        Assert.InRange(first.CalculateSize(), 1, 100_000);
    }

    [Fact]
    public void A_series_in_steps_is_the_mean_of_each()
    {
        foreach (var value in (double[])[1, 3, 5, 9])
        {
            Cpu(value);
        }

        Assert.Equal([2.0, 7.0], Series(new GetSeries { Metric = "cpu", StepSeconds = 60 }).Values);
    }

    private Decision Cpu(double value)
    {
        var nr = _samplings++;
        return When(Sampling($"cpu-{nr}", T0.AddSeconds(30 * nr), ("cpu", value)));
    }

    private Decision When(ICommand command)
    {
        var decision = _collector.Decide(command, T0.AddSeconds(30 * _samplings));
        foreach (var e in decision.Events)
        {
            _collector.Apply(e);
        }

        return decision;
    }

    private static IEnumerable<Alert> Alerts(Decision decision) =>
        decision.Events.OfType<AlertChanged>().Select(e => e.Alert);

    private static IEnumerable<AlertStatus> Changes(Decision decision) => Alerts(decision).Select(a => a.Status);

    private SeriesReply Series(GetSeries query) => (SeriesReply)_collector.State.Answer(query);

    private HealthReply Health(DateTimeOffset at) =>
        (HealthReply)
            _collector.State.Answer(
                new GetHealth
                {
                    SourceId = Source,
                    At = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at),
                    StaleAfterSeconds = 60,
                }
            );
}
