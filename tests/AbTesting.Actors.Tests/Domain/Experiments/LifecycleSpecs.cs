using Google.Protobuf.WellKnownTypes;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Experiments;

public sealed class LifecycleSpecs
{
    [Fact]
    public void A_scheduled_test_starts_when_its_time_has_come()
    {
        var test = Given(Create(), Schedule(Now.AddHours(1)));
        Assert.Equal(ExperimentStatus.Scheduled, Then(test, Advance()).State.Stage);

        ThenAt(test, Now.AddHours(1), Advance());
        Assert.Equal((ExperimentStatus.Running, 1), (test.State.Stage, test.State.Phase));
    }

    [Fact]
    public void A_start_in_the_past_is_refused() =>
        Assert.Equal("start_at", Given(Create()).Decide(Schedule(Now), Now).Rejection!.Field);

    [Fact]
    public void A_ramp_takes_a_step_when_each_has_lasted_long_enough()
    {
        var test = Given(Create(Ramp), Start());
        Assert.Equal((100, 1), (test.State.Exposure, test.State.Phase));

        ThenAt(test, Now.AddHours(23), Advance());
        Assert.Equal(100, test.State.Exposure);

        ThenAt(test, Now.AddHours(24), Advance(), Advance());
        Assert.Equal((500, 2), (test.State.Exposure, test.State.Phase));

        ThenAt(test, Now.AddHours(48), Advance());
        ThenAt(test, Now.AddHours(99), Advance());
        Assert.Equal((10_000, 3), (test.State.Exposure, test.State.Phase));
    }

    [Fact]
    public void A_ramp_waits_while_a_guardrail_is_broken()
    {
        var test = Given(
            Create(d =>
            {
                Ramp(d);
                Guard(d, AutomaticAction.Wait);
            }),
            Start(),
            Report(0, 1, Rate("a", 3000, 300), Rate("b", 3000, 310), Blocks("a", 3000, 30), Blocks("b", 3000, 200))
        );

        Assert.Equal(Finding.Harm, VerdictRule.Of(test.State)!.Finding);
        ThenAt(test, Now.AddHours(24), Advance());
        Assert.Equal(100, test.State.Exposure);
    }

    [Fact]
    public void Exposure_never_shrinks()
    {
        var test = Given(Create(Ramp), Start(), RampTo(5000));

        var refused = test.Decide(RampTo(400), Now).Rejection!;
        Assert.Equal(
            ("exposure", "400", "must be 5,001 to 10,000: a ramp only grows"),
            (refused.Field, refused.Value, refused.Rule)
        );
    }

    [Fact]
    public void A_pause_goes_on_in_the_same_phase()
    {
        var test = Given(Create(Ramp), Start(), RampTo(0), Pause(), Start());

        Assert.Equal((ExperimentStatus.Running, 2, 500), (test.State.Stage, test.State.Phase, test.State.Exposure));
    }

    [Fact]
    public void A_test_whose_time_is_over_decides_on_what_there_is()
    {
        var test = Given(Create(d => d.MaxSeconds = 3600), Start(), Report(0, 1, (1000, 100), (1000, 101)));

        ThenAt(test, Now.AddHours(1), Advance());
        Assert.Equal(ExperimentStatus.Decided, test.State.Stage);
        Assert.Equal("its time is over", test.State.History[^1].Reason);
    }

    [Fact]
    public void A_verdict_waits_for_the_least_time()
    {
        var test = Given(Create(d => d.MinSeconds = 7200), Start(), Report(0, 1, (2000, 200), (2000, 320)));
        Assert.Equal(ExperimentStatus.Running, test.State.Stage);

        ThenAt(test, Now.AddHours(2), Advance());
        Assert.Equal("b", test.State.Verdict!.Winner);
    }

    [Fact]
    public void A_test_that_was_told_to_wait_only_says_what_it_finds()
    {
        var test = Given(
            Create(d => d.OnVerdict = AutomaticAction.Wait),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320))
        );

        Assert.Equal(ExperimentStatus.Running, test.State.Stage);
        Assert.Equal("b", VerdictRule.Of(test.State)!.Winner);
    }

    [Fact]
    public void A_test_that_may_promote_does()
    {
        var test = Given(
            Create(d => d.OnVerdict = AutomaticAction.Promote),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320))
        );

        Assert.Equal(("v2", false), (test.State.Promotion!.VersionId, test.State.Promotion.RollBack));
        Assert.True(test.State.IsPromoting);
    }

    [Fact]
    public void A_broken_guardrail_rolls_back_at_once()
    {
        var test = Given(
            Create(d => Guard(d, AutomaticAction.RollBack)),
            Start(),
            Report(0, 1, Rate("a", 3000, 300), Rate("b", 3000, 420), Blocks("a", 3000, 30), Blocks("b", 3000, 200)),
            Complete("v1")
        );

        Assert.Equal((ExperimentStatus.RolledBack, Finding.Harm), (test.State.Stage, test.State.Verdict!.Finding));
        Assert.StartsWith("Stop b: it makes blocks worse", test.State.Verdict.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_promoted_version_can_be_rolled_back_and_a_test_archived_only_when_that_is_done()
    {
        var test = Given(Create(), Start(), Report(0, 1, (2000, 200), (2000, 320)), Promote(), Complete("v2"));
        Assert.Equal(ExperimentStatus.Promoted, test.State.Stage);

        Then(test, RollBack());
        Assert.Equal("status", test.Decide(Archive(), Now).Rejection!.Field);
        Then(test, Complete("v1"), Archive());
        Assert.Equal(ExperimentStatus.Archived, test.State.Stage);
    }

    [Fact]
    public void A_draft_may_change_and_a_running_test_only_in_what_is_safe()
    {
        var draft = Given(Create());
        Then(draft, Edit(d => d.Arms[0].Weight = 2000, d => d.Arms[1].Weight = 8000), Start());

        var refused = draft.Decide(Edit(d => d.Arms[0].Weight = 5000), Now).Rejection!;
        Assert.Equal(("definition", RejectionCode.Conflict), (refused.Field, refused.Code));

        Then(
            draft,
            Edit(
                d => d.Arms[0].Weight = 2000,
                d => d.Arms[1].Weight = 8000,
                d => d.Metrics.Add(new Metric { Name = "match" }),
                d => d.Metrics.Add(new Metric { Name = "letters", Kind = MetricKind.Count }),
                d => d.MaxSeconds = 9
            )
        );
        Assert.Equal(2, draft.State.Definition!.Metrics.Count);
    }

    [Fact]
    public void The_history_says_who_did_what_and_why()
    {
        var test = Given(Create(Ramp), Start(), RampTo(500), Pause(), Start(), Stop("holiday"));

        Assert.Equal(
            [
                ("ann", "created", ""),
                ("ann", "phase 1 at 1 %", ""),
                ("bo", "phase 2 at 5 %", "looks fine"),
                ("", "paused", "broken pipe"),
                ("ann", "phase 2 at 5 %", "after a pause"),
            ],
            test.State.History.Take(5).Select(h => (h.Author, h.What, h.Reason))
        );
        Assert.Equal(("holiday", 6L), (test.State.History[^1].Reason, test.State.History[^1].SequenceNr));
    }

    [Theory]
    [InlineData("definition.metric", "fame")]
    [InlineData("definition.ramp[1]", "50")]
    [InlineData("definition.horizon_units", "0")]
    [InlineData("definition.guardrails[0].metric", "calm")]
    [InlineData("definition.layer.from", "6000")]
    [InlineData("definition.layer.from", "")]
    [InlineData("definition.arms[1].weight", "")]
    [InlineData("definition.metrics[1].denominator", "")]
    [InlineData("definition.max_seconds", "5")]
    [InlineData("definition.arms[1].weight", "0")]
    [InlineData("definition.on_verdict", "RollBack")]
    [InlineData("definition.on_guardrail", "Promote")]
    public void What_a_definition_breaks_is_named(string field, string value)
    {
        var create = Create(d =>
        {
            d.Metrics.Add(new Metric { Name = "match" });
            switch (field)
            {
                case "definition.metric":
                    d.Metric = value;
                    break;
                case "definition.ramp[1]":
                    d.Ramp.Add([100, 50]);
                    break;
                case "definition.horizon_units":
                    d.Method = RalmActors.Messages.AbTesting.Method.GroupSequential;
                    break;
                case "definition.guardrails[0].metric":
                    d.Guardrails.Add(new Guardrail { Metric = value });
                    break;
                case "definition.layer.from":
                    d.Layer = new Layer
                    {
                        Name = "l",
                        From = 6000,
                        To = 500,
                    };
                    if (value.Length == 0)
                    {
                        d.Layer.ClearFrom();
                    }

                    break;
                case "definition.arms[1].weight" when value.Length > 0:
                    (d.Arms[0].Weight, d.Arms[1].Weight) = (10_000, 0);
                    break;
                case "definition.arms[1].weight":
                    d.Arms[1].ClearWeight();
                    break;
                case "definition.on_verdict":
                    d.OnVerdict = AutomaticAction.RollBack;
                    break;
                case "definition.on_guardrail":
                    d.OnGuardrail = AutomaticAction.Promote;
                    break;
                case "definition.metrics[1].denominator":
                    d.Metrics.Add(new Metric { Name = "likes", Kind = MetricKind.Ratio });
                    break;
                default:
                    (d.MinSeconds, d.MaxSeconds) = (10, 5);
                    break;
            }
        });

        var refused = Given().Decide(create, Now).Rejection!;
        Assert.Equal((field, value), (refused.Field, refused.Value));
    }

    private static void Ramp(ExperimentDefinition d) => d.Ramp.Add([100, 500, 10_000]);

    private static void Guard(ExperimentDefinition d, AutomaticAction action)
    {
        d.Metrics.Add(new Metric { Name = "match" });
        d.Metrics.Add(new Metric { Name = "blocks", LowerIsBetter = true });
        d.Guardrails.Add(new Guardrail { Metric = "blocks", Margin = 0.01 });
        d.OnGuardrail = action;
    }

    private static ArmStatistics Blocks(string arm, long units, long blocked) =>
        Rate(arm, units, blocked, metric: "blocks");

    private static ScheduleExperiment Schedule(DateTimeOffset at) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            StartAt = Timestamp.FromDateTimeOffset(at),
        };

    private static RampExperiment RampTo(int exposure) =>
        new()
        {
            Header = Header("bo"),
            ExperimentId = "t",
            Exposure = exposure,
            Reason = "looks fine",
        };

    private static PauseExperiment Pause() =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Reason = "broken pipe",
        };

    private static PromoteWinner Promote() => new() { Header = Header(), ExperimentId = "t" };

    private static RollBackExperiment RollBack() => new() { Header = Header(), ExperimentId = "t" };

    private static ArchiveExperiment Archive() => new() { Header = Header(), ExperimentId = "t" };

    private static CompletePromotion Complete(string version) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            VersionId = version,
        };

    private static EditExperiment Edit(params Action<ExperimentDefinition>[] changes) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            Definition = Create(d => Array.ForEach(changes, change => change(d))).Definition,
        };
}
