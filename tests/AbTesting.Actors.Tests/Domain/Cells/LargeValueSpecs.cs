using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>Sums are exact whatever is sent: what would not be is refused.</summary>
public sealed class LargeValueSpecs
{
    private static readonly Metric Paid = new() { Name = "paid", Kind = MetricKind.Continuous };

    [Fact]
    public void Nine_thousand_outcomes_of_the_largest_value_for_one_unit_leave_its_sum_what_it_may_be()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(Paid), Expose("ann", "a"));
        var refused = 0;
        for (var i = 0; i < 9_300; i++)
        {
            var decision = core.Decide(Outcome("ann", "paid", ArmTotals.Largest), Now);
            refused += decision.Rejection is { Code: RejectionCode.Invalid, Field: "value" } ? 1 : 0;
            foreach (var e in decision.Events)
            {
                core.Apply(e);
            }
        }

        Assert.Equal(9_299, refused);
        Assert.Equal(ArmTotals.Largest, ArmTotals.Of(Of(core.State, "a", "paid")).Moments.Mean);
    }

    [Fact]
    public void A_journal_with_sums_beyond_all_measure_is_read_and_they_count_as_the_largest_there_is()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(Paid));
        for (var u = 0; u < 200; u++)
        {
            core.Apply(
                new ExposureRecorded
                {
                    Unit = $"u{u}",
                    Arm = "a",
                    Phase = 1,
                    OccurredAt = At(0),
                }
            );
            var times = u == 0 ? 9_300 : 1_000;
            for (var i = 0; i < times; i++)
            {
                core.Apply(Spent($"u{u}"));
            }
        }

        var moments = ArmTotals.Of(Of(core.State, "a", "paid")).Moments;
        Assert.Equal((200.0, ArmTotals.Largest, 0.0), (moments.Count, moments.Mean, moments.M2));
    }

    [Fact]
    public void A_hundred_million_units_of_the_largest_sum_are_held_exactly()
    {
        Int128 squares = (Int128)ArmTotals.LargestInMillionths * ArmTotals.LargestInMillionths;

        Assert.True(Int128.MaxValue / squares > 100_000_000);
    }

    [Fact]
    public void What_waits_and_what_may_come_back_is_part_of_the_sum()
    {
        var early = Given(Configure(Paid), Outcome("ann", "paid", 6e8), Outcome("ann", "paid", -3e8));
        var back = Given(
            Configure(Paid),
            Expose("ann", "a", minute: 60),
            Outcome("ann", "paid", 6e8, minute: 10),
            Outcome("ann", "paid", 3e8, minute: 70)
        );
        var down = Given(Configure(Paid), Expose("ann", "a"), Outcome("ann", "paid", 9e8));

        Assert.Equal("value", early.Decide(Outcome("ann", "paid", 2e8), Now).Rejection!.Field);
        Assert.Equal("value", back.Decide(Outcome("ann", "paid", 2e8, minute: 80), Now).Rejection!.Field);
        Assert.Null(down.Decide(Outcome("ann", "paid", -5e8), Now).Rejection);
    }

    private static OutcomeRecorded Spent(string unit) =>
        new()
        {
            Unit = unit,
            Metric = "paid",
            Value = ArmTotals.Largest,
            OccurredAt = At(1),
        };
}
