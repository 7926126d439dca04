using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using Xunit;
using static RalmActors.Monitoring.Tests.Given;

namespace RalmActors.Monitoring.Tests.Domain;

/// <summary>No number comes: neither is all well, nor does the breach go on.</summary>
public class SilenceSpecs
{
    private readonly EntityCore<CollectorState> _collector = new(Source);
    private DateTimeOffset _now = T0;
    private int _nr;

    [Theory]
    // A source that is killed, a metric that disappears, and one that is no number any more.
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, double.NaN)]
    public void A_metric_without_a_number_for_three_intervals_is_NoData_and_goes_on_when_numbers_come(
        bool othersCome,
        double? cpu
    )
    {
        When(Rules("r", Rule(forSeconds: 0), Rule("normal", forSeconds: 0, threshold: 99)));
        Sample(("cpu", 95));
        for (var i = 0; i < 50; i++)
        {
            _now += TimeSpan.FromSeconds(30);
            if (othersCome)
            {
                Sample([("other", 1), .. cpu is { } value ? [("cpu", value)] : Array.Empty<(string, double)>()]);
            }

            if (i < 3)
            {
                Assert.Empty(Look().Events);
            }

            Look();
        }

        Assert.Equal(
            [
                ("cpu-high", AlertStatus.NoData, AlertStatus.Firing),
                ("normal", AlertStatus.NoData, AlertStatus.Inactive),
            ],
            Alerts().Select(a => (a.RuleId, a.Status, a.Before))
        );
        _now += TimeSpan.FromSeconds(1);
        Sample(("cpu", 96));
        Assert.Equal([AlertStatus.Firing, AlertStatus.Inactive], Alerts().Select(a => a.Status));
        // It was told that it fires, once; its end is told as well.
        Assert.Equal([AlertStatus.Firing], Told());
        _now += TimeSpan.FromSeconds(1);
        Sample(("cpu", 1));
        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved], Told());
    }

    [Fact]
    public void A_rule_about_a_metric_that_never_comes_is_NoData()
    {
        When(Rules("r", Rule()));
        _now += TimeSpan.FromSeconds(91);

        Look();

        Assert.Equal(AlertStatus.NoData, Assert.Single(Alerts()).Status);
    }

    [Fact]
    public void Silence_itself_fires_and_numbers_resolve_it()
    {
        When(Rules("r", With(Rule(forSeconds: 300), r => r.NoData = NoData.Fire)));
        Sample(("cpu", 1));
        _now += TimeSpan.FromSeconds(91);
        Look();

        var alert = Assert.Single(Alerts());
        Assert.Equal((AlertStatus.Firing, true), (alert.Status, alert.NoData));
        Assert.Empty(Look().Events);
        Sample(("cpu", 2));
        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved], Told());
    }

    [Fact]
    public void Silence_resolves_where_the_rule_says_so()
    {
        When(Rules("r", With(Rule(forSeconds: 0), r => r.NoData = NoData.Resolve)));
        Sample(("cpu", 95));
        _now += TimeSpan.FromSeconds(91);
        Look();

        Assert.Equal(AlertStatus.Resolved, Assert.Single(Alerts()).Status);
        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved], Told());
    }

    [Fact]
    public void The_pace_of_the_source_and_the_rule_say_what_silence_is()
    {
        When(Rules("r", Rule("three", 0), With(Rule("own", 0), r => r.NoDataAfterSeconds = 600)));
        var slow = Sampling("slow", _now, ("cpu", 95));
        slow.IntervalSeconds = 60;
        When(slow);
        _now += TimeSpan.FromSeconds(180);
        Assert.Empty(Look().Events);
        _now += TimeSpan.FromSeconds(1);
        Look();

        Assert.Equal([AlertStatus.Firing, AlertStatus.NoData], Alerts().Select(a => a.Status));
    }

    [Fact]
    public void Whoever_could_not_listen_does_not_take_that_for_silence()
    {
        When(Rules("r", Rule(forSeconds: 0)));
        Sample(("cpu", 95));
        _now += TimeSpan.FromHours(2);

        Assert.Empty(_collector.State.Notice(_now, listeningSince: _now.AddSeconds(-60)).Events);
        Assert.NotEmpty(_collector.State.Notice(_now, listeningSince: _now.AddSeconds(-91)).Events);
    }

    [Fact]
    public void A_clock_that_was_set_back_neither_hides_a_silence_nor_makes_one()
    {
        When(Rules("r", Rule(forSeconds: 0)));
        Sample(("cpu", 95));
        _now -= TimeSpan.FromDays(30);

        Assert.Empty(_collector.State.Notice(_now, listeningSince: _now).Events);
        Assert.NotEmpty(_collector.State.Notice(_now.AddSeconds(91), listeningSince: _now).Events);
    }

    [Fact]
    public void A_collector_is_at_rest_when_silence_is_noticed_and_told()
    {
        When(Rules("r", With(Rule(forSeconds: 0), r => r.NoData = NoData.Fire)));
        Sample(("cpu", 1));
        Assert.False(_collector.State.IsAtRest(_now, T0));
        _now += TimeSpan.FromSeconds(91);
        Look();
        Assert.False(_collector.State.IsAtRest(_now, T0));
        Settle();

        Assert.True(_collector.State.IsAtRest(_now, T0));
    }

    [Fact]
    public void A_silence_is_listed_and_lifted_and_runs_out()
    {
        When(Rules("r", Rule(forSeconds: 0), Rule("b", forSeconds: 0)));
        When(Silence("s-1", "cpu-high", _now.AddHours(1)));
        When(Silence("s-2", "b", _now.AddMinutes(1)));
        Sample(("cpu", 95));
        Assert.Empty(Told());
        Assert.Equal(["b", "cpu-high"], Silences().Select(s => s.RuleId));
        Assert.Equal((_now, "planned work"), (Silences()[1].Since.ToDateTimeOffset(), Silences()[1].Reason));

        var lift = new LiftSilence
        {
            Header = new CommandHeader { CommandId = "l" },
            RuleId = "cpu-high",
            SourceId = Source,
        };
        When(lift);
        Assert.Equal(["b"], Silences().Select(s => s.RuleId));
        Assert.Equal([AlertStatus.Firing], Told());
        lift.Header.CommandId = "again";
        Assert.Equal(RejectionCode.NotFound, When(lift).Rejection!.Code);

        _now += TimeSpan.FromSeconds(60);
        Look();
        Assert.Empty(Silences());
        Assert.Equal(["cpu-high", "b"], _collector.State.Book.Untold.All.Select(n => n.Alert.RuleId));
    }

    [Fact]
    public void What_was_told_to_fire_is_told_to_be_over_though_it_is_silenced_meanwhile()
    {
        When(Rules("r", Rule(forSeconds: 0)));
        Sample(("cpu", 95));
        When(Silence("s", "cpu-high", _now.AddHours(1)));
        _now += TimeSpan.FromSeconds(30);
        Sample(("cpu", 5));

        Assert.Equal([AlertStatus.Firing, AlertStatus.Resolved], Told());
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("threshold")]
    [InlineData("metric")]
    public void A_rule_that_goes_or_changes_while_it_fires_resolves_its_alert(string how)
    {
        When(Rules("r-1", Rule(forSeconds: 0), Rule("other", forSeconds: 0)));
        Sample(("cpu", 95));
        var changed = Rule(forSeconds: 0, threshold: how == "threshold" ? 99 : 90);
        changed.Metric = how == "metric" ? "cpu2" : "cpu";

        When(how == "removed" ? Rules("r-2", Rule("other", forSeconds: 0)) : Rules("r-2", changed, Rule("other", 0)));

        Assert.Equal(
            [("cpu-high", AlertStatus.Firing), ("other", AlertStatus.Firing), ("cpu-high", AlertStatus.Resolved)],
            _collector.State.Book.Untold.All.Select(n => (n.Alert.RuleId, n.Alert.Status))
        );
        Assert.Equal("other", Assert.Single(Alerts()).RuleId);
    }

    [Fact]
    public void Notices_of_an_alert_are_owed_one_after_another_and_the_newest_survive()
    {
        When(Rules("r", Rule(forSeconds: 0)));
        for (var i = 0; i < 50; i++)
        {
            Sample(("cpu", i % 2 == 0 ? 95 : 5));
            _now += TimeSpan.FromSeconds(30);
        }

        var owed = new List<AlertStatus>();
        while (_collector.State.Outbox.ToArray() is [var next, ..] all)
        {
            Assert.Single(all);
            owed.Add(((TellAlert)next.Command()).Notice.Alert.Status);
            Settle();
        }

        Assert.Equal(16, owed.Count);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? AlertStatus.Firing : AlertStatus.Resolved), owed);
    }

    private static ThresholdRule With(ThresholdRule rule, Action<ThresholdRule> change)
    {
        change(rule);
        return rule;
    }

    private void Settle()
    {
        foreach (var owed in _collector.State.Outbox.ToArray())
        {
            Apply(_collector.State.Settle(new Settlement(owed.Key, "", null))!);
        }
    }

    private Decision Sample(params (string, double)[] points) => When(Sampling($"l-{_nr++}", _now, points));

    private Decision Look() => Apply(_collector.State.Notice(_now, listeningSince: DateTimeOffset.MinValue));

    private Decision When(ICommand command) => Apply(_collector.Decide(command, _now));

    private Decision Apply(Decision decision)
    {
        foreach (var e in decision.Stamp(new CommandHeader { CommandId = $"c-{_nr++}" }, _now).Events)
        {
            _collector.Apply(e);
        }

        return decision;
    }

    private Alert[] Alerts() => [.. _collector.State.Alerts.Values.OrderBy(a => a.RuleId, StringComparer.Ordinal)];

    private IEnumerable<AlertStatus> Told() =>
        _collector.State.Book.Untold.All.Where(n => n.Alert.RuleId == "cpu-high").Select(n => n.Alert.Status);

    private IReadOnlyList<Silence> Silences() =>
        ((SilencesReply)_collector.State.Answer(new GetSilences { SourceId = Source })).Silences;
}
