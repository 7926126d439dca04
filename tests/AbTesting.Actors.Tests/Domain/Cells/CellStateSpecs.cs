using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

public sealed class CellStateSpecs
{
    [Fact]
    public void A_cell_that_does_not_know_what_to_count_asks_to_come_again()
    {
        var decision = CellState.Empty("t/0").Decide(Expose("ann", "a"), Now);

        Assert.Equal(RejectionCode.Overloaded, decision.Rejection!.Code);
    }

    [Fact]
    public void A_cell_that_will_never_be_told_does_not_ask_to_come_again()
    {
        var exposure = Expose("ann", "a");
        exposure.Test = exposure.Test.Clone();
        exposure.Test.Phases.Clear();

        Assert.Equal(RejectionCode.Conflict, CellState.Empty("t/0").Decide(exposure, Now).Rejection!.Code);
    }

    [Fact]
    public void A_unit_counts_once_however_often_it_is_exposed()
    {
        var cell = Given(Configure(Match), Expose("ann", "a"), Expose("ann", "a"), Expose("bo", "a"));

        Assert.Equal(2, Of(cell, "a", "match").Units);
    }

    [Fact]
    public void A_unit_converts_once_however_often_it_succeeds()
    {
        var cell = Given(Configure(Match), Expose("ann", "a"), Outcome("ann"), Outcome("ann", minute: 2));

        Assert.Equal((1, "1000000"), (Of(cell, "a", "match").Converted, Of(cell, "a", "match").Sums.Y));
    }

    [Fact]
    public void Counts_and_sums_add_up_per_unit_and_squares_are_of_the_units_sum()
    {
        var cell = Given(
            Configure(),
            Expose("ann", "a"),
            Outcome("ann", "messages"),
            Outcome("ann", "messages"),
            Outcome("ann", "revenue", 2.5),
            Outcome("ann", "revenue", -0.25, minute: 3)
        );

        var messages = ArmTotals.Of(Of(cell, "a", "messages"));
        Assert.Equal((2.0, 1L, 4.0), (messages.Moments.Mean, messages.Converted, (double)messages.YSquared / 1e12));
        Assert.Equal(2.25, ArmTotals.Of(Of(cell, "a", "revenue")).Moments.Mean);
    }

    [Fact]
    public void A_ratio_keeps_its_denominator_beside_it()
    {
        var cell = Given(
            Configure(),
            Expose("ann", "a"),
            Outcome("ann", "shown", 8),
            Outcome("ann", "likes", 2),
            Expose("bo", "a"),
            Outcome("bo", "shown", 2)
        );

        Assert.Equal(0.2, ArmTotals.Of(Of(cell, "a", "likes")).Pairs.Ratio.Mean, 12);
    }

    [Fact]
    public void What_a_unit_did_before_comes_with_its_exposure()
    {
        var cell = Given(Configure(), Expose("ann", "a", before: 7.5), Outcome("ann", "revenue", 3));

        var pairs = ArmTotals.Of(Of(cell, "a", "revenue")).Pairs;
        Assert.Equal((3.0, 7.5), (pairs.Y.Mean, pairs.X.Mean));
    }

    [Fact]
    public void An_outcome_before_its_exposure_arrives_waits_for_it()
    {
        var cell = Given(Configure(Match), Outcome("ann"));
        Assert.Equal(1, cell.Waiting);
        Assert.Empty(cell.Statistics);

        cell = Given(Configure(Match), Outcome("ann"), Expose("ann", "b"));
        Assert.Equal(0, cell.Waiting);
        Assert.Equal((1L, 1L), (Of(cell, "b", "match").Units, Of(cell, "b", "match").Converted));
    }

    [Fact]
    public void An_outcome_from_before_the_exposure_or_after_the_window_is_counted_apart()
    {
        var cell = Given(
            Configure(),
            Expose("ann", "a", minute: 10),
            Outcome("ann", "revenue", 1, minute: 9),
            Outcome("ann", "revenue", 2, minute: 70),
            Outcome("ann", "revenue", 4, minute: 70.1)
        );

        Assert.Equal(2, cell.Untimely);
        Assert.Equal(2.0, ArmTotals.Of(Of(cell, "a", "revenue")).Moments.Mean);
    }

    [Fact]
    public void A_unit_seen_in_two_arms_leaves_both()
    {
        var cell = Given(
            Configure(),
            Expose("ann", "a", before: 3),
            Outcome("ann"),
            Outcome("ann", "revenue", 9),
            Expose("ann", "b"),
            Expose("ann", "a"),
            Outcome("ann", "messages")
        );

        Assert.Equal(1, cell.Crossed);
        Assert.All(cell.Totals.ByArm.Values, t => Assert.Equal(default, t));
    }

    [Fact]
    public void A_metric_that_is_added_counts_all_units_from_then_on()
    {
        var cell = Given(
            Configure(Match),
            Expose("ann", "a"),
            Outcome("ann"),
            Configure(Match, Letters),
            Outcome("ann", "messages"),
            Expose("bo", "a")
        );

        Assert.Equal((2L, 1L), (Of(cell, "a", "messages").Units, Of(cell, "a", "messages").Converted));
        Assert.Equal((2L, 1L), (Of(cell, "a", "match").Units, Of(cell, "a", "match").Converted));
    }

    [Theory]
    [InlineData("metric", "fame", 1)]
    [InlineData("value", "match", double.NaN)]
    [InlineData("value", "match", 2e9)]
    public void What_cannot_be_counted_is_refused_by_field(string field, string metric, double value) =>
        Assert.Equal(field, Given(Configure()).Decide(Outcome("ann", metric, value), Now).Rejection!.Field);

    [Fact]
    public void A_number_left_out_is_no_zero()
    {
        var (value, before, cell) = (Outcome("ann"), Expose("ann", "a", before: 1), Expose("ann", "a"));
        value.ClearValue();
        before.Before[0].ClearValue();
        cell.ClearCell();

        Assert.Equal(
            [("value", "", "must be set"), ("before[0].value", "", "must be set"), ("cell", "", "must be set")],
            new ICommand[] { value, before, cell }
                .Select(c => Given(Configure()).Decide(c, Now).Rejection!)
                .Select(r => (r.Field, r.Value, r.Rule))
        );
    }

    [Fact]
    public void An_outcome_that_finds_no_room_to_wait_is_refused_and_none_that_was_taken_is_lost()
    {
        var core = Then(new EntityCore<CellState>("t/0"), Configure(Match), Expose("ann", "a"));
        for (var i = 0; i < CellState.MaxWaiting; i++)
        {
            Then(core, Outcome($"u{i}"));
        }

        var refused = core.Decide(Outcome("late"), Now).Rejection!;
        Then(core, Outcome("ann"), Expose("u0", "a"), Outcome("late"));

        Assert.Equal((RejectionCode.Overloaded, "unit", "late"), (refused.Code, refused.Field, refused.Value));
        Assert.Equal((CellState.MaxWaiting, 2L), (core.State.Waiting, Of(core.State, "a", "match").Converted));
    }

    [Fact]
    public void A_cell_that_was_never_told_what_to_count_is_not_there() =>
        Assert.IsType<NotFoundReply>(CellState.Empty("t/999").Answer(new GetCell { ExperimentId = "t", Cell = 999 }));

    [Fact]
    public void Any_order_of_the_same_messages_gives_the_same_totals_and_a_snapshot_keeps_them() =>
        Seeds.ForEach(seed =>
        {
            var random = new Random(seed);
            var messages = new List<ICommand>();
            foreach (var unit in Enumerable.Range(0, 30))
            {
                messages.Add(Expose($"u{unit}", random.Next(2) == 0 ? "a" : "b", before: random.NextDouble()));
                for (var i = random.Next(4); i > 0; i--)
                {
                    var metric = new[] { "match", "messages", "revenue", "likes", "shown" }[random.Next(5)];
                    messages.Add(Outcome($"u{unit}", metric, random.NextDouble(), minute: 1 + random.Next(100)));
                }
            }

            var sent = Given([Configure(), .. messages]);
            var shuffled = Given([Configure(), .. messages.OrderBy(_ => random.Next())]);

            Assert.Equal(sent.Totals.ByArm, shuffled.Totals.ByArm);
            var again = CellState.FromSnapshot("t/0", shuffled.ToSnapshot());
            Assert.Equal(
                shuffled.Totals.ByArm.Where(t => t.Value != default),
                again.Totals.ByArm.Where(t => t.Value != default)
            );
            Assert.Equal(shuffled.ToSnapshot(), again.ToSnapshot());
        });
}
