using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain;

public sealed class CellStateSpecs
{
    private int _commands;

    [Fact]
    public void A_unit_counts_once_however_often_it_is_exposed()
    {
        var cell = Given(Expose("ann", "a"), Expose("ann", "a"), Expose("bo", "a"));

        Assert.Equal(2, Assert.Single(cell.Statistics).Units);
    }

    [Fact]
    public void A_unit_converts_once_however_often_it_succeeds()
    {
        var cell = Given(Expose("ann", "a"), Outcome("ann"), Outcome("ann"));

        Assert.Equal((1, 1.0), (Assert.Single(cell.Statistics).Converted, Assert.Single(cell.Statistics).Sum));
    }

    [Fact]
    public void An_outcome_before_its_exposure_waits_for_it()
    {
        var cell = Given(Outcome("ann"));
        Assert.Equal(1, cell.Orphans);
        Assert.Empty(cell.Statistics);

        cell = Given(Outcome("ann"), Expose("ann", "b"));
        Assert.Equal(0, cell.Orphans);
        Assert.Equal(("b", 1L, 1L), Counts(Assert.Single(cell.Statistics)));
    }

    [Fact]
    public void A_unit_seen_in_two_arms_leaves_both()
    {
        var cell = Given(Expose("ann", "a"), Outcome("ann"), Expose("ann", "b"), Expose("ann", "a"));

        Assert.Equal(1, cell.Crossed);
        Assert.All(cell.Statistics, s => Assert.Equal((0L, 0L), (s.Units, s.Converted)));
    }

    [Fact]
    public void A_snapshot_keeps_units_and_statistics()
    {
        var cell = Given(Expose("ann", "a"), Outcome("ann"), Expose("bo", "b"), Outcome("cy"), Expose("bo", "a"));

        var again = CellState.FromSnapshot("t/0", cell.ToSnapshot());
        Assert.Equal(cell.ToSnapshot(), again.ToSnapshot());
        Assert.Equal(cell.Statistics.Where(s => s.Units > 0), again.Statistics.Where(s => s.Units > 0));
    }

    [Fact]
    public void A_value_that_is_no_number_is_refused()
    {
        var outcome = Outcome("ann");
        outcome.Value = double.NaN;

        Assert.Equal("value", CellState.Empty("t/0").Decide(outcome, default).Rejection!.Field);
    }

    private static CellState Given(params ICommand[] commands)
    {
        var core = new EntityCore<CellState>("t/0");
        foreach (var e in commands.SelectMany(c => core.Decide(c, default).Events.Select(e => (core, e))))
        {
            e.core.Apply(e.e);
        }

        return core.State;
    }

    private static (string, long, long) Counts(ArmStatistics s) => (s.Arm, s.Units, s.Converted);

    private RecordExposure Expose(string unit, string arm) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"c-{_commands++}" },
            TestId = "t",
            Unit = unit,
            Arm = arm,
            Phase = 1,
        };

    private RecordOutcome Outcome(string unit) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"c-{_commands++}" },
            TestId = "t",
            Unit = unit,
            Metric = "match",
            Value = 1,
        };
}
