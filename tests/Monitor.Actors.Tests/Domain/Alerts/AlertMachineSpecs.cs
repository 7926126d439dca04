using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Alerts;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Alerts;

public class AlertMachineSpecs
{
    private static readonly DateTimeOffset T0 = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_breach_is_pending_until_it_has_held_long_enough_then_fires_then_resolves() =>
        Assert.Equal(
            [(0, AlertStatus.Pending), (2, AlertStatus.Firing), (4, AlertStatus.Resolved), (5, AlertStatus.Pending)],
            Walk(Rule(forSeconds: 60), [95, 95, 95, 95, 10, 95])
        );

    [Fact]
    public void A_breach_that_ends_early_never_fires() =>
        Assert.Equal(
            [(0, AlertStatus.Pending), (1, AlertStatus.Inactive), (2, AlertStatus.Pending)],
            Walk(Rule(forSeconds: 60), [95, 10, 95, 95])
        );

    [Fact]
    public void Without_a_holding_time_the_first_breach_fires() =>
        Assert.Equal([(0, AlertStatus.Firing), (1, AlertStatus.Resolved)], Walk(Rule(forSeconds: 0), [95, 90]));

    [Fact]
    public void The_threshold_itself_is_no_breach() => Assert.Empty(Walk(Rule(forSeconds: 0), [90, 90]));

    [Fact]
    public void Below_fires_beneath_the_threshold() =>
        Assert.Equal([(1, AlertStatus.Firing)], Walk(Rule(0, Comparison.Below), [95, 89, double.NegativeInfinity]));

    [Fact]
    public void NaN_says_nothing() =>
        Assert.Equal(
            [(0, AlertStatus.Pending), (2, AlertStatus.Firing)],
            Walk(Rule(forSeconds: 60), [95, double.NaN, 95, double.NaN])
        );

    [Fact]
    public void A_silence_that_ends_while_it_fires_is_told_once()
    {
        var rule = Rule(forSeconds: 0);
        var silenced = AlertMachine.Next(rule, null, 95, T0, silenced: true)!;
        var stillSilenced = AlertMachine.Next(rule, silenced, 96, T0.AddSeconds(30), silenced: true);
        var told = AlertMachine.Next(rule, silenced, 97, T0.AddSeconds(60), silenced: false)!;

        Assert.True(silenced.Silenced);
        Assert.Null(stillSilenced);
        Assert.False(told.Silenced);
        Assert.Equal(T0, told.Since.ToDateTimeOffset());
        Assert.Null(AlertMachine.Next(rule, told, 98, T0.AddSeconds(90), silenced: false));
    }

    private static ThresholdRule Rule(double forSeconds, Comparison comparison = Comparison.Above) =>
        new()
        {
            RuleId = "r",
            Metric = "m",
            Comparison = comparison,
            Threshold = 90,
            ForSeconds = forSeconds,
            Severity = Severity.Warning,
        };

    /// <summary>One sample each 30 s; the transitions with the index of their sample.</summary>
    private static List<(int, AlertStatus)> Walk(ThresholdRule rule, double[] values)
    {
        var transitions = new List<(int, AlertStatus)>();
        Alert? alert = null;
        for (var i = 0; i < values.Length; i++)
        {
            if (AlertMachine.Next(rule, alert, values[i], T0.AddSeconds(30 * i), silenced: false) is { } next)
            {
                alert = next;
                transitions.Add((i, next.Status));
            }
        }

        return transitions;
    }
}
