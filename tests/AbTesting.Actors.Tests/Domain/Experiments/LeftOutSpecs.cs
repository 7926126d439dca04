using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

/// <summary>Who reads a verdict is told what it does not rest on.</summary>
public sealed class LeftOutSpecs
{
    [Fact]
    public void What_no_statistic_has_stands_in_the_warnings_and_the_reply_with_its_number()
    {
        var test = Given(Create(), Start(), Reported(0, 149, 10_000, 3), Reported(1, 1, 50, 0)).State;

        var reply = (ExperimentReply)test.Answer(new GetExperiment { ExperimentId = "t" });

        Assert.Equal((150L, 3L, 10_050L), (reply.CrossedUnits, reply.UntimelyOutcomes, reply.WaitingOutcomes));
        Assert.Equal(
            [
                "150 units were seen in two arms and are left out",
                "3 outcomes are not counted: before the exposure, or outside of the metric's time after it",
                "10,050 outcomes wait for an exposure",
                "1 cell refuses outcomes of units that were not exposed: 10,000 wait there",
            ],
            reply.Current.Warnings.SkipWhile(w => !w.Contains("two arms", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_newer_report_of_a_cell_takes_the_place_of_the_older_one_and_a_snapshot_keeps_it()
    {
        var newer = Reported(0, 2, 0, 0);
        newer.Revision = 2;
        var test = Given(Create(), Start(), Reported(0, 149, 10_000, 3), newer).State;
        var again = ExperimentState.FromSnapshot("t", test.ToSnapshot());

        Assert.All(
            [test, again],
            t =>
                Assert.Equal(
                    ["2 units were seen in two arms and are left out"],
                    VerdictRule.Of(t).Warnings.Where(w => w.Contains("arms", StringComparison.Ordinal))
                )
        );
    }

    [Fact]
    public void Nodes_hear_when_phases_began_and_when_it_ended()
    {
        var core = Given(Create(d => d.Ramp.Add([500, 10_000])), Start());
        ThenAt(core, Now.AddHours(1), new PauseExperiment { Header = Header(), ExperimentId = "t" });
        ThenAt(core, Now.AddHours(2), Start());
        ThenAt(core, Now.AddHours(3), new RampExperiment { Header = Header(), ExperimentId = "t" });
        var running = core.State.Running!;
        ThenAt(core, Now.AddHours(4), Stop());
        var ended = core.State.Running!;
        ThenAt(core, Now.AddHours(5), new ArchiveExperiment { Header = Header(), ExperimentId = "t" });

        Assert.Equal(
            [(1, 500, Now), (2, 10_000, Now.AddHours(3))],
            running.Phases.Select(p => (p.Phase, p.Exposure, p.StartedAt.ToDateTimeOffset()))
        );
        Assert.Null(running.EndedAt);
        Assert.Equal((Now.AddHours(4), false), (ended.EndedAt.ToDateTimeOffset(), ended.Archived));
        Assert.True(ended.Revision > running.Revision);
        Assert.True(core.State.Running!.Archived);
        Assert.Equal(core.State.Running, ExperimentState.FromSnapshot("t", core.State.ToSnapshot()).Running);
        Assert.Equal(core.State.Running, core.State.Answer(new GetRunningExperiment { ExperimentId = "t" }));
    }

    private static ReportCell Reported(int cell, long crossed, long waiting, long untimely)
    {
        var report = Report(cell, 1);
        (report.CrossedUnits, report.WaitingOutcomes, report.UntimelyOutcomes) = (crossed, waiting, untimely);
        return report;
    }
}
