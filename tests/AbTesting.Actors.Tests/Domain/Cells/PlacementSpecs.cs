using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Cells.GivenCell;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Cells;

/// <summary>Cell, arm and phase follow from test, unit and time; what a sender says of them is checked.</summary>
public sealed class PlacementSpecs
{
    private static readonly DateTimeOffset Began = Now.AddDays(-30);

    [Fact]
    public void Arm_and_phase_are_computed_where_they_are_left_out()
    {
        var exposure = Sent("ann", "b");

        var e = Assert.IsType<ExposureRecorded>(Assert.Single(Decide(exposure).Events));

        Assert.Equal(("b", 1), (e.Arm, e.Phase));
    }

    [Theory]
    [InlineData("arm")]
    [InlineData("phase")]
    [InlineData("cell")]
    public void What_contradicts_is_refused_by_its_field(string field)
    {
        var exposure = Sent("ann", "b");
        exposure.Test = exposure.Test.Clone();
        exposure.Test.Cells = field == "cell" ? 2 : 1;
        exposure.Arm = field == "arm" ? "a" : "";
        exposure.Phase = field == "phase" ? 200 : 0;
        var cell = new Assignment(exposure.Test).Assign("ann").Cell;
        exposure.Cell = field == "cell" ? 1 - cell : cell;
        var configure = Configure();
        configure.Cell = exposure.Cell;

        var core = Then(new EntityCore<CellState>($"t/{exposure.Cell}"), configure);
        var refused = core.Decide(exposure, Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (refused.Code, refused.Field));
    }

    [Fact]
    public void A_unit_that_takes_no_part_is_refused_with_the_reason()
    {
        var outside = Sent("ann", "a");
        outside.Test = outside.Test.Clone();
        outside.Test.Phases[0].Exposure = outside.Test.Exposure = 1;
        var held = Sent("ann", "a");
        held.Test = held.Test.Clone();
        held.Test.Layer = new Layer
        {
            Name = "l",
            From = 0,
            To = 1,
        };

        Assert.Equal("takes no part: it is outside of the 0.01 % of phase 1", Decide(outside).Rejection!.Rule);
        Assert.Equal(("unit", "ann"), (Decide(held).Rejection!.Field, Decide(held).Rejection!.Value));
        Assert.Contains("another test of the layer", Decide(held).Rejection!.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void An_outcome_of_a_unit_that_takes_no_part_has_no_exposure_to_wait_for()
    {
        var outcome = Outcome("ann");
        outcome.Test.Phases[0].Exposure = 1;

        Assert.Equal("unit", Given(Configure()).Decide(outcome, Now).Rejection!.Field);
    }

    [Fact]
    public void Who_does_not_hold_the_conditions_is_refused()
    {
        var exposure = Sent("ann", "a");
        exposure.Test = exposure.Test.Clone();
        exposure.Test.Eligibility.Add(new Condition { Feature = "age", AtLeast = 18 });

        Assert.Equal("user", Decide(exposure).Rejection!.Field);
        exposure.User = new Features
        {
            Items =
            {
                new Feature { Name = "age", Number = 44 },
            },
        };
        Assert.Null(Decide(exposure).Rejection);
    }

    [Theory]
    [InlineData(-10, 1)]
    [InlineData(-4, 1)]
    [InlineData(0, 2)]
    [InlineData(100, 2)]
    public void A_late_exposure_belongs_to_the_phase_that_ran_when_it_happened(double minutes, int phase)
    {
        var exposure = Ramped(Any, minutes);

        Assert.Equal(phase, Assert.IsType<ExposureRecorded>(Assert.Single(Decide(exposure).Events)).Phase);
    }

    [Theory]
    [InlineData(-4, 2)]
    [InlineData(-6, 0)]
    public void A_unit_that_the_next_phase_lets_in_may_have_a_clock_that_is_five_minutes_late(double minutes, int phase)
    {
        var decision = Decide(Ramped(OnlyInPhase2, minutes));

        Assert.Equal(phase == 0 ? "unit" : null, decision.Rejection?.Field);
        Assert.Equal(phase, decision.Events.OfType<ExposureRecorded>().Sum(e => e.Phase));
    }

    [Theory]
    [InlineData(-4, 2, true)]
    [InlineData(4, 1, true)]
    [InlineData(-6, 2, false)]
    [InlineData(6, 1, false)]
    public void A_phase_that_is_sent_must_have_run_within_five_minutes(double minutes, int phase, bool fits)
    {
        var exposure = Ramped(Any, minutes);
        exposure.Phase = phase;

        Assert.Equal(fits ? null : "phase", Decide(exposure).Rejection?.Field);
    }

    [Fact]
    public void Nothing_counts_that_happened_after_the_end_and_what_happened_before_may_come_late()
    {
        var (late, after) = (Sent("ann", "a"), Sent("bo", "a"));
        var (outcome, afterwards) = (Outcome("ann"), Outcome("ann"));
        var end = Timestamp.FromDateTimeOffset(Now.AddHours(-1));
        late.Test = late.Test.Clone();
        after.Test = after.Test.Clone();
        late.Test.EndedAt = after.Test.EndedAt = outcome.Test.EndedAt = afterwards.Test.EndedAt = end;
        late.OccurredAt = outcome.OccurredAt = Timestamp.FromDateTimeOffset(Now.AddHours(-1.1));
        after.OccurredAt = null;
        afterwards.OccurredAt = Timestamp.FromDateTimeOffset(Now.AddHours(-.9));

        var cell = Given(Configure(), late, outcome);

        Assert.Equal(1, Of(cell, "a", "match").Converted);
        Assert.All(
            [cell.Decide(after, Now).Rejection!, cell.Decide(afterwards, Now).Rejection!],
            r => Assert.Equal((RejectionCode.Conflict, "occurred_at"), (r.Code, r.Field))
        );
    }

    [Fact]
    public void Of_an_archived_test_and_of_one_that_has_not_begun_nothing_is_taken()
    {
        var (archived, draft) = (Sent("ann", "a"), Outcome("ann"));
        archived.Test = archived.Test.Clone();
        archived.Test.Archived = true;
        draft.Test.Phases.Clear();

        Assert.All(
            [Decide(archived).Rejection!, Given(Configure()).Decide(draft, Now).Rejection!],
            r => Assert.Equal((RejectionCode.Conflict, "experiment_id"), (r.Code, r.Field))
        );
    }

    [Theory]
    [InlineData("1971-01-01T00:00:00Z")]
    [InlineData("2025-12-08T23:54:59Z")]
    [InlineData("2026-01-08T00:05:01Z")]
    [InlineData("2099-01-01T00:00:00Z")]
    public void What_happened_before_the_test_or_lies_in_the_future_is_a_mistake(string at)
    {
        var (exposure, outcome) = (Sent("ann", "a"), Outcome("ann"));
        exposure.OccurredAt = outcome.OccurredAt = Timestamp.FromDateTimeOffset(DateTimeOffset.Parse(at));

        Assert.All(
            [Decide(exposure).Rejection!, Given(Configure()).Decide(outcome, Now).Rejection!],
            r => Assert.Equal((RejectionCode.Invalid, "occurred_at"), (r.Code, r.Field))
        );
    }

    [Fact]
    public void Clocks_may_differ_by_five_minutes_at_the_begin()
    {
        var exposure = Sent("ann", "a");
        exposure.OccurredAt = Timestamp.FromDateTimeOffset(Began.AddMinutes(-5));

        Assert.Null(Decide(exposure).Rejection);
    }

    [Fact]
    public void What_no_node_has_placed_is_to_be_sent_again()
    {
        var exposure = Sent("ann", "a");
        exposure.Test = null;

        Assert.Equal(RejectionCode.Overloaded, Decide(exposure).Rejection!.Code);
    }

    [Fact]
    public void A_repetition_is_told_what_the_first_was_whatever_has_become_of_the_test()
    {
        var first = Sent("ann", "a");
        var core = Then(new EntityCore<CellState>("t/0"), Configure(), first);
        var again = first.Clone();
        again.Test.Archived = true;

        Assert.Equal(CommandOutcome.Duplicate, ((CommandReply)core.Decide(again, Now).Reply!).Outcome);
    }

    private static bool Any(Assignment test, string unit) => test.Assign(unit, 100).TakesPart;

    private static bool OnlyInPhase2(Assignment test, string unit) => !test.Assign(unit, 100).TakesPart;

    /// <summary>Phase 2 let all in, a day ago; before, it was one percent.</summary>
    private static RecordExposure Ramped(Func<Assignment, string, bool> wanted, double minutes)
    {
        var test = Test("t");
        test.Phases[0].Exposure = 100;
        test.Phases.Add(
            new PhaseStart
            {
                Phase = 2,
                Exposure = Assignment.Buckets,
                StartedAt = At(0),
            }
        );
        var assignment = new Assignment(test);
        var unit = Enumerable.Range(0, 10_000).Select(u => $"u-{u}").First(u => wanted(assignment, u));
        var exposure = Sent(unit, "a");
        (exposure.Test, exposure.OccurredAt) = (test, At(minutes));
        return exposure;
    }

    private static RecordExposure Sent(string unit, string arm)
    {
        var exposure = Expose(unit, arm);
        (exposure.Arm, exposure.Phase) = ("", 0);
        return exposure;
    }

    private static Decision Decide(ICommand command) =>
        Then(new EntityCore<CellState>("t/0"), Configure()).Decide(command, Now);
}
