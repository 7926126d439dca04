using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Alerts;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Alerts;

/// <summary>Values around a threshold, and samples that are far apart.</summary>
public class FlappingSpecs
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Two_breaches_two_hours_apart_are_no_breach_that_held() =>
        Assert.Equal(
            [(0, AlertStatus.Pending), (1, AlertStatus.Pending)],
            Walk(Rule(forSeconds: 300), [(0, 95), (7200, 95), (7290, 95)])
        );

    [Fact]
    public void A_breach_that_holds_after_a_gap_fires_by_what_has_come_since() =>
        Assert.Equal(
            [(0, AlertStatus.Pending), (1, AlertStatus.Pending), (3, AlertStatus.Firing)],
            Walk(Rule(forSeconds: 120), [(0, 95), (7200, 95), (7260, 95), (7320, 95)])
        );

    [Fact]
    public void Values_around_the_threshold_are_one_alert_with_a_resolve_threshold_of_its_own()
    {
        var values = Enumerable.Range(0, 20).Select(i => (30 * i, i % 2 == 0 ? 91.0 : 89)).Append((600, 79)).ToArray();

        Assert.Equal(20, Walk(Rule(forSeconds: 0), values).Count);
        Assert.Equal(
            [(0, AlertStatus.Firing), (20, AlertStatus.Resolved)],
            Walk(Rule(forSeconds: 0, resolve: 80), values)
        );
    }

    [Fact]
    public void Below_resolves_above_its_resolve_threshold()
    {
        var rule = Rule(forSeconds: 0, resolve: 20);
        (rule.Comparison, rule.Threshold) = (Comparison.Below, 10);

        Assert.Equal([(0, AlertStatus.Firing), (2, AlertStatus.Resolved)], Walk(rule, [(0, 9), (30, 15), (60, 20)]));
    }

    [Fact]
    public void A_breach_at_half_duty_fires_and_resolves_once_with_keep_firing()
    {
        var values = Enumerable.Range(0, 20).Select(i => (30 * i, i % 2 == 0 ? 95.0 : 10)).ToArray();
        var calm = Enumerable.Range(20, 5).Select(i => (30 * i, 10.0));

        Assert.DoesNotContain(Walk(Rule(forSeconds: 60), values), t => t.Item2 == AlertStatus.Firing);
        Assert.Equal(
            [(2, AlertStatus.Firing), (21, AlertStatus.Resolved)],
            Walk(Rule(forSeconds: 60, keep: 60), [.. values, .. calm])
                .Where(t => t.Item2 is AlertStatus.Firing or AlertStatus.Resolved)
                .DistinctBy(t => t.Item2)
        );
    }

    [Fact]
    public void One_spike_never_fires_however_long_it_is_kept() =>
        Assert.DoesNotContain(
            Walk(Rule(forSeconds: 60, keep: 600), [(0, 95), (30, 10), (60, 10), (90, 10)]),
            t => t.Item2 == AlertStatus.Firing
        );

    private static ThresholdRule Rule(double forSeconds, double? resolve = null, double keep = 0)
    {
        var rule = new ThresholdRule
        {
            RuleId = "r",
            Metric = "m",
            Comparison = Comparison.Above,
            Threshold = 90,
            ForSeconds = forSeconds,
            KeepFiringSeconds = keep,
            Severity = Severity.Warning,
        };
        if (resolve is { } value)
        {
            rule.ResolveThreshold = value;
        }

        return rule;
    }

    /// <summary>The transitions with the index of their sample; three intervals are 90 s.</summary>
    private static List<(int, AlertStatus)> Walk(ThresholdRule rule, (int Second, double Value)[] samples)
    {
        var transitions = new List<(int, AlertStatus)>();
        Alert? alert = null;
        for (var i = 0; i < samples.Length; i++)
        {
            var gap = i > 0 && samples[i].Second - samples[i - 1].Second > 90;
            var at = T0.AddSeconds(samples[i].Second);
            if (AlertMachine.Next(rule, alert, samples[i].Value, at, silenced: false, gap) is { } next)
            {
                alert = next;
                transitions.Add((i, next.Status));
            }
        }

        return transitions;
    }
}
