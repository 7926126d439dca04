using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Alerts;
using Xunit;

namespace RalmActors.Monitoring.Tests.Domain.Alerts;

/// <summary>What people hear of an alert, and how often.</summary>
public sealed class TellingSpecs
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(10);

    private readonly EntityCore<CollectorState> _core = new(Given.Source);
    private int _commands;

    [Fact]
    public void What_fires_is_told_again_until_somebody_takes_it_on()
    {
        Fire();
        Assert.Equal([1], Told());

        Look(seconds: 300);
        Assert.Empty(Told());
        Keep(seconds: 590);
        Look(seconds: 600);
        var again = Assert.Single(_core.State.Book.Untold.All);
        Assert.True(again.Repeats);
        Assert.Equal([2], Told());
        Look(seconds: 610);
        Assert.Empty(Told());

        Take(Acknowledge("cpu-high"), seconds: 620);
        Assert.Equal("ann", _core.State.Alerts["cpu-high"].AcknowledgedBy);
        Keep(seconds: 1_790);
        Look(seconds: 1_800);
        Assert.Empty(Told());

        // Its end is told all the same, and the next one is a new one.
        Take(Given.Sampling("end", At(1_820), ("cpu", 1)), seconds: 1_820);
        Assert.Equal([3], Told());
        Assert.Equal("", _core.State.Alerts["cpu-high"].AcknowledgedBy);
    }

    [Fact]
    public void Only_what_fires_can_be_taken_on()
    {
        Take(Given.Rules("r", Given.Rule(forSeconds: 0)), seconds: 0);

        Assert.Equal("must name an alert that fires", _core.Decide(Acknowledge("cpu-high"), At(1)).Rejection!.Rule);
    }

    [Fact]
    public void A_silenced_alert_is_not_told_again()
    {
        Fire();
        _ = Told();
        Take(Given.Silence("q", "cpu-high", At(7_000)), seconds: 10);
        Keep(seconds: 690);
        Look(seconds: 700);

        Assert.Empty(Told());
    }

    [Fact]
    public void Each_way_to_people_is_owed_what_it_has_not_told()
    {
        Fire();
        ImmutableArray<string> ways = ["webhook", "mail"];
        Assert.Equal(["webhook", "mail"], Owed(ways).Select(t => t.Channel));

        Settle(ways, "webhook");
        Assert.Equal(["mail"], Owed(ways).Select(t => t.Channel));
        // It resolves meanwhile: who was told hears it at once, who was not hears both in order.
        Take(Given.Sampling("end", At(30), ("cpu", 1)), seconds: 30);
        Assert.Equal([("webhook", 2L), ("mail", 1L)], Owed(ways).Select(t => (t.Channel, t.Notice.NoticeNr)));
        Settle(ways, "mail");
        Assert.Equal([("webhook", 2L), ("mail", 2L)], Owed(ways).Select(t => (t.Channel, t.Notice.NoticeNr)));
        Settle(ways, "mail");
        Settle(ways, "webhook");
        Assert.Empty(_core.State.Book.Untold.All);
        Assert.Equal(4, _sent.Select(t => t.Header.CommandId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_test_reaches_people_and_is_of_no_alert()
    {
        Take(new TestNotifications { Header = Header(), SourceId = Given.Source }, seconds: 0);

        var test = Assert.Single(Owed([""]));
        Assert.True(test.Notice.IsTest);
        Assert.Equal([1], Told());
        Assert.Empty(_core.State.Alerts);
    }

    [Fact]
    public void A_source_that_is_gone_neither_ends_nor_adds_to_its_other_alerts()
    {
        var down = Given.Rule("down", forSeconds: 0, threshold: -1);
        (down.Metric, down.NoData) = ("beat", NoData.Fire);
        (down.Comparison, down.Threshold) = (Comparison.Below, 0);
        var lineage = Given.Rule("cpu-high", forSeconds: 0);
        lineage.NoData = NoData.Resolve;
        Take(Given.Rules("r", lineage, down), seconds: 0);
        Take(Given.Sampling("s-0", At(0), ("cpu", 95), ("beat", 0)), seconds: 0);
        Assert.Equal([1], Told());

        Look(seconds: 100);

        Assert.Equal("down", Assert.Single(_core.State.Book.Untold.All).Alert.RuleId);
        Assert.Equal(AlertStatus.NoData, _core.State.Alerts["cpu-high"].Status);
        _ = Told();
        // It comes back without what the alert was about.
        Take(Given.Sampling("s-1", At(200), ("beat", 0)), seconds: 200);
        Look(seconds: 210);
        Assert.Equal(
            [("down", AlertStatus.Resolved), ("cpu-high", AlertStatus.Resolved)],
            _core.State.Book.Untold.All.Select(n => (n.Alert.RuleId, n.Alert.Status))
        );
    }

    private readonly List<TellAlert> _sent = [];

    private static DateTimeOffset At(double seconds) => Given.T0.AddSeconds(seconds);

    private CommandHeader Header() => new() { CommandId = $"t-{++_commands}", Author = "ann" };

    private AcknowledgeAlert Acknowledge(string rule) =>
        new()
        {
            Header = Header(),
            SourceId = Given.Source,
            RuleId = rule,
        };

    private void Fire()
    {
        Take(Given.Rules("r", Given.Rule(forSeconds: 0)), seconds: 0);
        Take(Given.Sampling("s-0", At(0), ("cpu", 95)), seconds: 0);
    }

    /// <summary>It goes on.</summary>
    private void Keep(double seconds) => Take(Given.Sampling($"s-{seconds}", At(seconds), ("cpu", 95)), seconds);

    private void Look(double seconds)
    {
        foreach (var e in _core.State.Notice(At(seconds), Given.T0, Repeat).Events)
        {
            _core.Apply(e);
        }
    }

    private void Take(ICommand command, double seconds)
    {
        var decision = _core.Decide(command, At(seconds));
        Assert.Null(decision.Rejection);
        foreach (var e in decision.Events)
        {
            _core.Apply(e);
        }
    }

    /// <summary>Numbers of what was owed, and is told now.</summary>
    private long[] Told()
    {
        long[] numbers = [.. _core.State.Book.Untold.All.Select(n => n.NoticeNr)];
        foreach (var number in numbers)
        {
            _core.Apply(new NoticeTold { NoticeNr = number });
        }

        return numbers;
    }

    private IEnumerable<TellAlert> Owed(ImmutableArray<string> ways) =>
        _core.State.OwedTo(ways).Select(o => (TellAlert)o.Command());

    private void Settle(ImmutableArray<string> ways, string way)
    {
        var owed = _core.State.OwedTo(ways).First(o => ((TellAlert)o.Command()).Channel == way);
        _sent.Add((TellAlert)owed.Command());
        foreach (var e in _core.State.Settle(new Settlement(owed.Key, "", null))!.Events)
        {
            _core.Apply(e);
        }
    }
}
