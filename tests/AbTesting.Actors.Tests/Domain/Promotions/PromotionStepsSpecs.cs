using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;
using static RalmActors.AbTesting.Actors.Tests.Domain.Promotions.GivenPromotion;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Promotions;

/// <summary>A promotion by steps, given events, when a step is shown, then events.</summary>
public sealed class PromotionStepsSpecs
{
    [Fact]
    public void Without_a_plan_a_promotion_has_no_steps()
    {
        var test = Won(plan: null);

        Assert.True(test.State.IsPromoting);
        Assert.Equal(PromotionStep.Unspecified, PromotionSteps.At(test.State));
        Assert.Null(Process(test));
        Assert.Equal(ExperimentStatus.Promoted, Then(test, Complete("v2")).State.Stage);
    }

    [Fact]
    public void A_plan_of_zeros_has_the_defaults_that_are_documented()
    {
        var plan = Given(Create(d => d.Promotion = new PromotionPlan())).State.Definition!.Promotion;

        Assert.Equal((500, 0, 2.0), (plan.ShadowRequests, plan.ShadowFailures, plan.ShadowSlowdown));
        Assert.Equal((500, 86_400L, 604_800L), (plan.HoldBack, plan.StepSeconds, plan.ShadowSeconds));
        Assert.Equal([500, 2500, 5000, 10_000], plan.Ramp);
    }

    [Theory]
    [InlineData("definition.promotion.shadow_requests", "-1")]
    [InlineData("definition.promotion.shadow_failures", "500")]
    [InlineData("definition.promotion.shadow_slowdown", "-0.5")]
    [InlineData("definition.promotion.shadow_seconds", "31536001")]
    [InlineData("definition.promotion.hold_back", "6000")]
    [InlineData("definition.promotion.step_seconds", "-1")]
    [InlineData("definition.promotion.ramp[1]", "100")]
    [InlineData("experiment_id", "81")]
    public void What_a_plan_breaks_is_named(string field, string value)
    {
        var create = Create(d =>
        {
            d.Promotion = new PromotionPlan();
            switch (field)
            {
                case "definition.promotion.shadow_requests":
                    d.Promotion.ShadowRequests = -1;
                    break;
                case "definition.promotion.shadow_failures":
                    d.Promotion.ShadowFailures = 500;
                    break;
                case "definition.promotion.shadow_slowdown":
                    d.Promotion.ShadowSlowdown = -0.5;
                    break;
                case "definition.promotion.shadow_seconds":
                    d.Promotion.ShadowSeconds = 31_536_001;
                    break;
                case "definition.promotion.hold_back":
                    d.Promotion.HoldBack = 6000;
                    break;
                case "definition.promotion.step_seconds":
                    d.Promotion.StepSeconds = -1;
                    break;
                case "definition.promotion.ramp[1]":
                    d.Promotion.Ramp.Add([500, 100]);
                    break;
            }
        });

        var test = ExperimentState.Empty(field == "experiment_id" ? new string('t', 81) : "t");
        var refused = test.Decide(create, Now).Rejection!;
        Assert.Equal((field, value), (refused.Field, refused.Value));
    }

    [Fact]
    public void The_steps_are_gate_shadow_rollout_and_champion()
    {
        var test = Won();
        Assert.Equal(PromotionStep.Gate, PromotionSteps.At(test.State));
        Then(test, Gate());
        Assert.Equal(PromotionStep.Shadow, PromotionSteps.At(test.State));
        Then(test, Shadow(requests: 10));
        Assert.Equal(PromotionStep.Rollout, PromotionSteps.At(test.State));
        Then(test, Rollout());
        Assert.Equal(PromotionStep.Serve, PromotionSteps.At(test.State));
        Assert.Equal(ExperimentStatus.Decided, test.State.Stage);
        Then(test, Complete("v2"));

        Assert.Equal(ExperimentStatus.Promoted, test.State.Stage);
        var process = Process(test)!;
        Assert.Equal(
            (PromotionStep.Unspecified, "v2", "t:rollout"),
            (process.Step, process.VersionId, process.RolloutExperimentId)
        );
        Assert.All(process.Steps, s => Assert.True(s.Passed));
        Assert.All(process.Steps, s => Assert.Equal(("v2", "v1"), (s.VersionId, s.ChampionVersionId)));
        Assert.Equal("cafe", process.Steps[0].Gate.WeightsHash);
        Assert.Equal(Finding.ArmWins, process.Steps[0].Gate.Finding);
        Assert.Equal(10, process.Steps[1].Shadow.Requests);
        Assert.True(process.Steps[2].Rollout.Through);
        Assert.Equal(
            ["promoting b", "gate passed", "shadow passed", "rollout passed", "v2 serves"],
            test.State.History.TakeLast(5).Select(h => h.What)
        );
        Assert.Equal(test.State.ToSnapshot(), ExperimentState.FromSnapshot("t", test.State.ToSnapshot()).ToSnapshot());
    }

    [Fact]
    public void A_step_shown_again_or_late_changes_nothing()
    {
        var test = Then(Won(), Gate(), Shadow(requests: 10));

        Assert.Empty(test.Decide(Gate(), Now).Events);
        Assert.Empty(test.Decide(Shadow(requests: 10), Now).Events);
        Assert.Empty(test.Decide(Complete("v2"), Now).Events);
    }

    [Fact]
    public void The_gate_refuses_a_version_that_the_registry_does_not_have() =>
        Fails(Then(Won(), Gate(registered: false)), "the registry does not have v2");

    [Fact]
    public void The_gate_refuses_a_family_without_a_champion() =>
        Fails(Then(Won(), Gate(champion: "")), "the family has no champion to be measured beside");

    [Fact]
    public void The_gate_refuses_a_split_that_has_broken_since_the_verdict()
    {
        var test = Then(Won(), Report(1, 1, (3000, 300), (100, 20)), Gate());

        Fails(test, "the split is broken (sample-ratio mismatch)");
        Assert.InRange(test.State.Steps[0].Gate.SplitP, 0, 0.001);
    }

    [Fact]
    public void The_gate_refuses_what_breaks_a_guardrail_though_the_test_was_told_to_wait()
    {
        var test = Won(change: d =>
        {
            d.Metrics.Add(new Metric { Name = "match" });
            d.Metrics.Add(new Metric { Name = "blocks", LowerIsBetter = true });
            d.Guardrails.Add(new Guardrail { Metric = "blocks", Margin = 0.01 });
        });
        Then(test, Report(1, 1, Rate("a", 2000, 20, metric: "blocks"), Rate("b", 2000, 200, metric: "blocks")), Gate());

        Fails(test, "broken guardrails: blocks");
        Assert.Equal(["blocks"], test.State.Steps[0].Gate.BrokenGuardrails);
    }

    [Fact]
    public void A_winner_that_serves_already_skips_what_would_compare_it_with_itself()
    {
        var test = Then(Won(), Gate(champion: "v2"));

        Assert.Equal(PromotionStep.Serve, PromotionSteps.At(test.State));
    }

    [Fact]
    public void A_rollout_passes_only_through_its_whole_ramp()
    {
        var test = Then(Won(), Gate(), Shadow(requests: 10));
        Assert.Empty(test.Decide(Rollout(ended: false), Now).Events);

        Fails(Then(test, Rollout(through: false)), "the rollout ended before its ramp was through");
    }

    [Theory]
    [InlineData(Finding.Harm)]
    [InlineData(Finding.Blocked)]
    [InlineData(Finding.ControlWins)]
    public void A_rollout_that_shows_harm_fails_though_its_ramp_was_through(Finding finding) =>
        Fails(Then(Won(), Gate(), Shadow(requests: 10), Rollout(finding: finding)), "as found");

    [Theory]
    [InlineData(PromotionStep.Shadow)]
    [InlineData(PromotionStep.Rollout)]
    [InlineData(PromotionStep.Serve)]
    public void Another_champion_ends_a_promotion_that_was_measured_beside_the_former(PromotionStep step)
    {
        var test = Before(step);

        Fails(
            Then(test, Step(new TakePromotionStep { Step = step, ChampionVersionId = "v9" })),
            "v9 has become the champion meanwhile"
        );
    }

    [Theory]
    [InlineData(PromotionStep.Gate)]
    [InlineData(PromotionStep.Shadow)]
    [InlineData(PromotionStep.Rollout)]
    [InlineData(PromotionStep.Serve)]
    public void A_person_may_end_it_at_any_step(PromotionStep step)
    {
        var test = Then(Before(step), RollBack("not today"));

        Fails(test, "not today");
        Assert.Equal(("bo", step), (test.State.Steps[^1].Header.Author, test.State.Steps[^1].Step));
        Assert.Empty(test.Decide(RollBack("really"), Now).Events);
    }

    [Fact]
    public void What_serves_after_a_person_has_ended_it_is_still_to_be_withdrawn()
    {
        var test = Then(Before(PromotionStep.Serve), RollBack("not today"));

        Assert.Empty(test.Decide(Complete("v2", PromotionStep.Serve), Now).Events);

        Then(test, Complete("v1", PromotionStep.Withdraw));
        Assert.Equal(ExperimentStatus.RolledBack, test.State.Stage);
        Assert.Equal("rolled back: v1 serves", test.State.History[^1].What);
    }

    [Fact]
    public void Without_a_plan_too_what_serves_after_a_person_has_rolled_it_back_does_not_end_the_roll_back()
    {
        var test = Then(Won(plan: null), RollBack("not today"));

        Assert.Empty(test.Decide(Complete("v2"), Now).Events);
        Assert.Equal(
            "v1",
            Assert.IsType<ExperimentRolledBack>(Assert.Single(test.Decide(Complete("v1"), Now).Events)).VersionId
        );
    }

    [Fact]
    public void A_test_is_not_archived_before_its_promotion_has_ended()
    {
        var archive = new ArchiveExperiment { Header = Header(), ExperimentId = "t" };
        var test = Before(PromotionStep.Rollout);
        Assert.Equal("status", test.Decide(archive, Now).Rejection!.Field);

        Then(test, RollBack("not today"), Complete("v1"), archive);
        Assert.Equal(ExperimentStatus.Archived, test.State.Stage);
    }

    private static PromotionProcess? Process(EntityCore<ExperimentState> test) =>
        ((ExperimentReply)test.State.Answer(new GetExperiment { ExperimentId = "t" })).Promotion;
}
