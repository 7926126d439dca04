using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Promotions;

/// <summary>The follow-up test of a promotion, from its definition to its end.</summary>
public sealed class RolloutSpecs
{
    private const string Id = "t:rollout";

    [Fact]
    public void It_shows_the_winner_to_nearly_all_units_that_take_part_and_keeps_metrics_and_guardrails()
    {
        var d = Definition();

        Assert.Equal(
            [("control", 500, "v1"), ("candidate", 9500, "v2")],
            d.Arms.Select(a => (a.Name, a.Weight, a.VersionId))
        );
        Assert.Equal((Id, 60L, "blocks"), (d.Salt, d.StepSeconds, Assert.Single(d.Guardrails).Metric));
        Assert.Equal([500, 10_000], d.Ramp);
        Assert.Equal((AutomaticAction.Wait, AutomaticAction.RollBack), (d.OnVerdict, d.OnGuardrail));
        Assert.Null(d.Promotion);
    }

    [Fact]
    public void It_ends_by_itself_when_its_last_step_has_lasted_long_enough()
    {
        var rollout = Running();
        ThenAt(rollout, Now.AddSeconds(60), Advance());
        Assert.Equal((ExperimentStatus.Running, 10_000), (rollout.State.Stage, rollout.State.Exposure));
        ThenAt(rollout, Now.AddSeconds(119), Advance());
        Assert.Equal(ExperimentStatus.Running, rollout.State.Stage);

        ThenAt(rollout, Now.AddSeconds(120), Advance());

        Assert.Equal((ExperimentStatus.Decided, true), (rollout.State.Stage, rollout.State.RampCompleted));
        Assert.True(Evidence(rollout) is { Ended: true, Through: true, Exposure: 10_000 });
        Assert.Equal(
            rollout.State.ToSnapshot(),
            ExperimentState.FromSnapshot(Id, rollout.State.ToSnapshot()).ToSnapshot()
        );
    }

    [Fact]
    public void A_broken_guardrail_rolls_it_back_in_the_very_evaluation_that_shows_it()
    {
        var rollout = Running();

        var events = rollout.Decide(Harm(), Now).Events;

        Assert.Collection(
            events,
            e => Assert.IsType<CellReported>(e),
            e => Assert.Equal(Finding.Harm, Assert.IsType<ExperimentDecided>(e).Verdict.Finding),
            e => Assert.Equal("v1", Assert.IsType<ExperimentRolledBack>(e).VersionId)
        );
        Then(rollout, Harm());
        Assert.False(rollout.State.Running!.Running);
        Assert.True(Evidence(rollout) is { Ended: true, Through: false, Verdict.Finding: Finding.Harm });
    }

    [Fact]
    public void A_person_ends_it_without_touching_what_serves()
    {
        var rollout = Then(
            Running(),
            new RollBackExperiment
            {
                Header = Header(),
                ExperimentId = Id,
                Reason = "no",
            }
        );

        Assert.Equal(ExperimentStatus.RolledBack, rollout.State.Stage);
        Assert.False(rollout.State.IsPromoting);
    }

    [Fact]
    public void It_is_promoted_and_rolled_back_by_its_parent_only()
    {
        var rollout = ThenAt(Running(), Now.AddSeconds(60), Advance());
        ThenAt(rollout, Now.AddSeconds(120), Advance());

        var refused = rollout.Decide(new RollBackExperiment { Header = Header(), ExperimentId = Id }, Now).Rejection!;
        Assert.Equal("is a rollout: promote or roll back t", refused.Rule);
        Assert.NotNull(rollout.Decide(new PromoteWinner { Header = Header(), ExperimentId = Id }, Now).Rejection);
    }

    [Fact]
    public void Only_the_test_it_is_named_after_can_be_its_parent()
    {
        var create = Create();
        create.RolloutOf = "u";

        Assert.Equal("rollout_of", ExperimentState.Empty("t:rollout").Decide(create, Now).Rejection!.Field);
    }

    private static ReportCell Harm() =>
        Report(
            0,
            1,
            Rate("control", 150, 15),
            Rate("candidate", 2850, 300),
            Rate("control", 150, 1, metric: "blocks"),
            Rate("candidate", 2850, 900, metric: "blocks")
        );

    private static RolloutEvidence Evidence(EntityCore<ExperimentState> rollout) =>
        Rollout.EvidenceOf((ExperimentReply)rollout.State.Answer(new GetExperiment { ExperimentId = Id }));

    private static EntityCore<ExperimentState> Running()
    {
        var create = Create();
        (create.ExperimentId, create.Definition, create.RolloutOf, create.CopyOf) = (Id, Definition(), "t", "t");
        return Then(
            new EntityCore<ExperimentState>(Id),
            create,
            new StartExperiment { Header = Header(), ExperimentId = Id }
        );
    }

    private static ExperimentDefinition Definition()
    {
        var parent = Given(
            Create(d =>
            {
                d.Metrics.Add(new Metric { Name = "match" });
                d.Metrics.Add(new Metric { Name = "blocks", LowerIsBetter = true });
                d.Guardrails.Add(new Guardrail { Metric = "blocks", Margin = 0.01 });
                d.OnVerdict = AutomaticAction.Promote;
                d.Promotion = new PromotionPlan { StepSeconds = 60, Ramp = { 500, 10_000 } };
            }),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320)),
            new TakePromotionStep
            {
                Header = Header(),
                ExperimentId = "t",
                Step = PromotionStep.Gate,
                ChampionVersionId = "v1",
                Gate = new GateEvidence { Registered = true },
            }
        );
        return Rollout.DefinitionOf(parent.State);
    }
}
