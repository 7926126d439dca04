using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Alerts;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Alerts;

/// <summary>One sampling each 30 s of one source with one rule.</summary>
public sealed class RuleKindSpecs
{
    private readonly EntityCore<CollectorState> _core = new(Given.Source);
    private int _samplings;

    [Fact]
    public void A_rate_is_of_the_steps_in_the_window_per_second()
    {
        Watch(Rule("failures_total", RuleKind.Rate, 0.05, window: 120));

        Assert.Null(Tell(("failures_total", 100)));
        Tell(("failures_total", 101));
        Assert.NotEqual(AlertStatus.Firing, Status);
        Tell(("failures_total", 110));
        Assert.Equal((AlertStatus.Firing, 10 / 60.0), (Status, Value));
        Tell(("failures_total", 110));
        Tell(("failures_total", 110));
        Tell(("failures_total", 110));
        Tell(("failures_total", 110));
        Assert.Equal((AlertStatus.Resolved, 0), (Status, Value));
    }

    [Fact]
    public void A_counter_that_goes_back_began_anew()
    {
        Watch(Rule("failures_total", RuleKind.Rate, 0, window: 60));

        Tell(("failures_total", 100));
        Tell(("failures_total", 3));

        Assert.Equal((AlertStatus.Firing, 0.1), (Status, Value));
    }

    [Fact]
    public void A_counter_that_is_new_has_no_rate_yet()
    {
        Watch(Rule("failures_total", RuleKind.Rate, 0, window: 60));
        Tell(("other", 1));
        Tell(("failures_total", 5_000_000));

        Assert.Null(_core.State.Alerts.GetValueOrDefault("r"));
    }

    [Fact]
    public void A_ratio_of_two_metrics_is_of_what_they_are_now()
    {
        Watch(Rule("used", RuleKind.Ratio, 0.9, divisor: "limit"));

        Tell(("used", 80), ("limit", 100));
        Assert.NotEqual(AlertStatus.Firing, Status);
        Tell(("used", 95), ("limit", 100));
        Assert.Equal((AlertStatus.Firing, 0.95), (Status, Value));
        Tell(("used", 95), ("limit", 0));
        Assert.Equal(AlertStatus.Firing, Status);
        Tell(("used", 95), ("limit", 200));
        Assert.Equal(AlertStatus.Resolved, Status);
    }

    [Fact]
    public void A_ratio_with_a_window_is_of_the_steps_of_all_that_fit()
    {
        Watch(Rule("requests{*status=\"5*}", RuleKind.Ratio, 0.1, divisor: "requests{*}", window: 30));

        Tell(("requests{status=\"200\"}", 1_000), ("requests{status=\"500\"}", 900), ("requests{status=\"503\"}", 50));
        Tell(("requests{status=\"200\"}", 1_090), ("requests{status=\"500\"}", 905), ("requests{status=\"503\"}", 55));
        Assert.NotEqual(AlertStatus.Firing, Status);
        Tell(("requests{status=\"200\"}", 1_170), ("requests{status=\"500\"}", 915), ("requests{status=\"503\"}", 65));

        Assert.Equal((AlertStatus.Firing, 0.2), (Status, Value));
    }

    [Fact]
    public void A_disk_that_will_be_full_in_four_hours_is_told_of_now()
    {
        Watch(Rule("disk", RuleKind.Forecast, 100, window: 1_200, ahead: 4 * 3_600));
        double Used(int sampling) => 40 + (0.15 * sampling);

        for (var i = 0; i < 20; i++)
        {
            Tell(("disk", Used(i)));
            Assert.NotEqual(AlertStatus.Firing, Status);
        }

        Tell(("disk", Used(20)));

        Assert.Equal(AlertStatus.Firing, Status);
        Assert.Equal(40 + (0.15 * (20 + 480)), Value, 1e-6);
    }

    [Fact]
    public void A_disk_that_fills_slowly_or_jumps_up_and_down_is_not()
    {
        Watch(Rule("disk", RuleKind.Forecast, 100, window: 3_600, ahead: 4 * 3_600));
        for (var i = 0; i < 400; i++)
        {
            Tell(("disk", 70 + (0.005 * i) + (i % 20 < 10 ? 5 : 0)));
            Assert.NotEqual(AlertStatus.Firing, Status);
        }
    }

    [Fact]
    public void Of_all_that_fit_the_one_furthest_on_the_wrong_side_counts()
    {
        Watch(Rule("lag{*}", RuleKind.Unspecified, 10));

        Tell(("lag{lineage=\"a\"}", 3), ("lag{lineage=\"b\"}", 12), ("lagging", 100));
        Assert.Equal((AlertStatus.Firing, 12), (Status, Value));
        Tell(("lag{lineage=\"a\"}", 3));
        Assert.Equal(AlertStatus.Resolved, Status);
    }

    [Fact]
    public void What_fits_and_is_silent_is_noticed()
    {
        var rule = Rule("lag{*}", RuleKind.Unspecified, 10);
        rule.NoData = NoData.Fire;
        Watch(rule);
        Tell(("lag{lineage=\"a\"}", 3));

        Assert.True(_core.State.Notice(At(_samplings + 1), Given.T0).Events.IsEmpty);
        Assert.False(_core.State.Notice(At(_samplings + 4), Given.T0).Events.IsEmpty);
    }

    [Theory]
    [InlineData("a*c", "abc", true)]
    [InlineData("a*c", "ac", true)]
    [InlineData("a*c", "abcd", false)]
    [InlineData("*b*b", "abab", true)]
    [InlineData("a*b*c", "axxbyybzzc", true)]
    [InlineData("a*b*c", "axxbyy", false)]
    [InlineData("abc", "abcd", false)]
    [InlineData("*", "", true)]
    public void A_star_stands_for_any_text(string pattern, string name, bool fits) =>
        Assert.Equal(fits, MetricPattern.Fits(pattern, name));

    [Theory]
    [InlineData(RuleKind.Value, "", 60.0, null, "window_seconds")]
    [InlineData(RuleKind.Rate, "", 0.0, null, "window_seconds")]
    [InlineData(RuleKind.Rate, "x", null, null, "divisor")]
    [InlineData(RuleKind.Ratio, "", null, null, "divisor")]
    [InlineData(RuleKind.Forecast, "", null, null, "ahead_seconds")]
    [InlineData(RuleKind.Rate, "", null, 60.0, "ahead_seconds")]
    [InlineData((RuleKind)9, "", null, null, "kind")]
    public void What_does_not_fit_the_kind_is_refused(
        RuleKind kind,
        string divisor,
        double? window,
        double? ahead,
        string field
    )
    {
        var rule = Rule("m", kind, 1, divisor, window, ahead);

        Assert.Equal($"rules[0].{field}", ThresholdRules.Check([rule])!.Rejection!.Field);
    }

    private AlertStatus Status => _core.State.Alerts.GetValueOrDefault("r")?.Status ?? AlertStatus.Inactive;

    private double Value => _core.State.Alerts["r"].Value;

    private static ThresholdRule Rule(
        string metric,
        RuleKind kind,
        double threshold,
        string divisor = "",
        double? window = null,
        double? ahead = null
    )
    {
        var rule = Given.Rule("r", forSeconds: 0, threshold);
        (rule.Metric, rule.Kind, rule.Divisor) = (metric, kind, divisor);
        if (window is { } back)
        {
            rule.WindowSeconds = back;
        }

        if (ahead is { } forth)
        {
            rule.AheadSeconds = forth;
        }

        return rule;
    }

    private static DateTimeOffset At(int sampling) => Given.T0.AddSeconds(30 * sampling);

    private void Watch(ThresholdRule rule) => Take(Given.Rules("rules", rule), Given.T0);

    private Alert? Tell(params (string Name, double Value)[] points)
    {
        var at = At(++_samplings);
        Take(Given.Sampling($"s-{_samplings}", at, points), at);
        return _core.State.Alerts.GetValueOrDefault("r");
    }

    private void Take(ICommand command, DateTimeOffset now)
    {
        var decision = _core.Decide(command, now);
        Assert.Null(decision.Rejection);
        foreach (var e in decision.Events)
        {
            _core.Apply(e);
        }
    }
}
