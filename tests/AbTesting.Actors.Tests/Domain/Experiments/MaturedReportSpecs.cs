using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

/// <summary>What time alone lets in reaches the test, and nothing goes out again.</summary>
public sealed class MaturedReportSpecs
{
    [Fact]
    public void Of_one_revision_the_later_report_counts_if_units_have_come_in()
    {
        var core = Given(Windowed(), Start(), Reported(1, 100, units: 5, waiting: 20));

        Assert.Empty(core.Decide(Reported(1, 90, units: 4, waiting: 21), Now).Events);
        Assert.Empty(core.Decide(Reported(1, 200, units: 5, waiting: 20), Now).Events);
        Then(core, Reported(1, 200, units: 15, waiting: 10));

        Assert.Equal(15, core.State.UnitsOf("match"));
        Assert.Equal(200, core.State.Cells[0].MaturedUntil);
    }

    [Fact]
    public void A_report_of_a_node_whose_clock_is_behind_is_told_how_far_the_cell_was_reported()
    {
        var core = Given(Windowed(), Start(), Reported(1, 100, units: 5, waiting: 20));

        var refused = core.Decide(Reported(2, 90, units: 4, waiting: 22), Now).Rejection!;
        Then(core, Reported(2, 100, units: 5, waiting: 21));

        Assert.Equal((RejectionCode.Conflict, "matured_until", "100"), (refused.Code, refused.Field, refused.Value));
        Assert.Equal(21, core.State.Merged.Values.Sum(t => t.Waiting));
    }

    [Fact]
    public void Who_waits_is_told_in_reply_warnings_and_the_stored_verdict_and_counts_for_no_horizon()
    {
        var core = Given(Windowed(), Start(), Reported(1, 100, units: 5, waiting: 1020, next: 160));
        var reply = (ExperimentReply)core.State.Answer(new GetExperiment { ExperimentId = "t" });
        Then(core, Stop());

        Assert.Equal(5, core.State.UnitsOf("match"));
        Assert.Equal(160, reply.NextMaturesAt.Seconds);
        Assert.All(
            [reply.Current, core.State.Verdict!],
            v => Assert.Contains("1,020 units wait: the time for match is not over", v.Warnings)
        );
        Assert.Equal(1020, core.State.Verdict!.Arms.Sum(a => a.Waiting));
        var again = ExperimentState.FromSnapshot("t", core.State.ToSnapshot());
        Assert.Equal(core.State.Merged, again.Merged);
    }

    [Fact]
    public void The_split_is_of_all_who_were_exposed()
    {
        var even = Report(0, 1, Arm("a", 90, 10), Arm("b", 10, 90));
        var odd = Report(0, 1, Arm("a", 50, 400), Arm("b", 50, 0));
        even.MaturedUntil = odd.MaturedUntil = 100;

        Assert.Equal(1, Given(Windowed(), Start(), even).State.SampleRatio[1].ChiSquareP, 1e-9);
        Assert.True(Given(Windowed(), Start(), odd).State.SampleRatio[1].AnytimeP < 1e-6);
    }

    [Fact]
    public void A_cell_whose_units_have_had_their_time_and_that_keeps_silent_is_woken_once()
    {
        var core = Given(Windowed(), Start(), Reported(1, 100, units: 5, waiting: 20, next: 160));
        var cells = new CellConfiguration();
        cells.Follow(core.State);
        cells.Confirm(0, metrics: 1);

        Wake(159);
        Assert.Null(cells.Next(core.State));
        Wake(160);
        Assert.Equal(0, cells.Next(core.State));
        cells.Confirm(0, metrics: 1);
        Wake(1_000);
        Assert.Null(cells.Next(core.State));
        Then(core, Reported(1, 1_000, units: 15, waiting: 10, next: 2_000));
        Wake(2_000);
        Assert.Equal(0, cells.Next(core.State));

        void Wake(long at) => cells.WakeMatured(core.State, DateTimeOffset.FromUnixTimeSeconds(at), TimeSpan.Zero);
    }

    [Theory]
    [InlineData("from_seconds", -1, 0, 0, false)]
    [InlineData("from_seconds", 101, 100, 0, false)]
    [InlineData("delay_seconds", 0, 0, -1, false)]
    [InlineData("delay_seconds", 0, 0, 31_536_001, false)]
    [InlineData("count_at_once", 0, 100, 5, true)]
    public void A_time_that_makes_no_sense_is_refused_by_its_field(
        string field,
        long from,
        long window,
        long delay,
        bool atOnce
    )
    {
        var create = Create(d =>
            d.Metrics.Add(
                new Metric
                {
                    Name = "match",
                    FromSeconds = from,
                    WindowSeconds = window,
                    DelaySeconds = delay,
                    CountAtOnce = atOnce,
                }
            )
        );

        var refused = new EntityCore<ExperimentState>("t").Decide(create, Now).Rejection!;

        Assert.Equal($"definition.metrics[0].{field}", refused.Field);
    }

    private static CreateExperiment Windowed() =>
        Create(d =>
        {
            d.Cells = 1;
            d.Metrics.Add(new Metric { Name = "match", WindowSeconds = 60 });
        });

    private static ReportCell Reported(long revision, long until, long units, long waiting, long next = 0)
    {
        var report = Report(0, revision, Arm("a", units, waiting));
        (report.MaturedUntil, report.NextMaturesAt) = (until, next);
        return report;
    }

    private static ArmStatistics Arm(string arm, long units, long waiting)
    {
        var statistics = Rate(arm, units, 0);
        statistics.Waiting = waiting;
        return statistics;
    }
}
