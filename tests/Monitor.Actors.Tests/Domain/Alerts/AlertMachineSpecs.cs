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
            [(0, AlertState.Pending), (2, AlertState.Firing), (4, AlertState.Resolved), (5, AlertState.Pending)],
            Walk(Rule(forSeconds: 60), [95, 95, 95, 95, 10, 95])
        );

    [Fact]
    public void A_breach_that_ends_early_never_fires() =>
        Assert.Equal(
            [(0, AlertState.Pending), (1, AlertState.Inactive), (2, AlertState.Pending)],
            Walk(Rule(forSeconds: 60), [95, 10, 95, 95])
        );

    [Fact]
    public void Without_a_holding_time_the_first_breach_fires() =>
        Assert.Equal([(0, AlertState.Firing), (1, AlertState.Resolved)], Walk(Rule(forSeconds: 0), [95, 90]));

    [Fact]
    public void The_threshold_itself_is_no_breach() => Assert.Empty(Walk(Rule(forSeconds: 0), [90, 90]));

    [Fact]
    public void Below_fires_beneath_the_threshold() =>
        Assert.Equal([(1, AlertState.Firing)], Walk(Rule(0, Comparison.Below), [95, 89, double.NegativeInfinity]));

    [Fact]
    public void NaN_says_nothing() =>
        Assert.Equal(
            [(0, AlertState.Pending), (2, AlertState.Firing)],
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
    private static List<(int, AlertState)> Walk(ThresholdRule rule, double[] values)
    {
        var transitions = new List<(int, AlertState)>();
        Alert? alert = null;
        for (var i = 0; i < values.Length; i++)
        {
            if (AlertMachine.Next(rule, alert, values[i], T0.AddSeconds(30 * i), silenced: false) is { } next)
            {
                alert = next;
                transitions.Add((i, next.State));
            }
        }

        return transitions;
    }
}
