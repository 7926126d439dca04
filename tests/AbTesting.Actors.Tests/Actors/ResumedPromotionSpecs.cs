using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>A promotion by steps loses its test and its rollout at every boundary, and comes to the same end.</summary>
public sealed class ResumedPromotionSpecs : PromotionTestKit
{
    private static readonly string[] Boundaries =
    [
        "ReportCell 1",
        "GetRegistry 1",
        "GetRegistry 2",
        "SetStage Shadow 1",
        "GetRegistry 3",
        "GetRegistry 4",
        "SetStage Canary 1",
        "GetExperiment 1",
        "CreateExperiment 2",
        "GetExperiment 2",
        "StartExperiment 2",
        "GetExperiment 4",
        "TakePromotionStep 1",
        "SetStage Champion 2",
    ];

    private static readonly string[] WhenItFails =
    [
        "TakePromotionStep 1",
        "RollBackExperiment 1",
        "SetStage Retired 1",
    ];

    [Fact]
    public async Task Wherever_it_crashes_the_winner_becomes_champion_once()
    {
        var promotions = await All(Boundaries);
        foreach (var (promotion, _) in promotions)
        {
            SayShadow(promotion);
        }

        foreach (var (promotion, point) in promotions)
        {
            var test = await Until(
                promotion,
                t => t.Status is ExperimentStatus.Promoted or ExperimentStatus.RolledBack
            );

            Assert.True(
                test.Status == ExperimentStatus.Promoted,
                $"{point}: {test.History[^1].What}, {test.History[^1].Reason}"
            );
            Assert.Equal(1, Plan.Crashes.GetValueOrDefault(promotion));
            Assert.Equal(
                [PromotionStep.Gate, PromotionStep.Shadow, PromotionStep.Rollout],
                test.Promotion.Steps.Select(s => s.Step)
            );
            Assert.Equal(promotion, (await Until(Rollouts.IdOf(promotion), _ => true)).RolloutOf);
            Assert.Equal("v2", (await Family(promotion)).ChampionVersionId);
            Assert.Equal(
                [Stage.Shadow, Stage.Canary, Stage.Champion],
                (await Journaled($"registry-{promotion}"))
                    .OfType<StageSet>()
                    .Where(s => s.VersionId == "v2")
                    .Select(s => s.Stage)
            );
        }
    }

    [Fact]
    public async Task Wherever_it_crashes_a_broken_guardrail_keeps_the_champion()
    {
        // A ramp of days: it must not be through before the guardrail breaks, however slow the machine is.
        var promotions = await All(WhenItFails, plan => plan.StepSeconds = 864_000);
        foreach (var (promotion, _) in promotions)
        {
            SayShadow(promotion);
            var rollout = Rollouts.IdOf(promotion);
            await Until(rollout, r => r.Status == ExperimentStatus.Running);
            await Accepted(Report(rollout, ("control", 150, 15, 1), ("candidate", 2850, 300, 900)));
        }

        foreach (var (promotion, point) in promotions)
        {
            var test = await Until(
                promotion,
                t => t.Status is ExperimentStatus.Promoted or ExperimentStatus.RolledBack
            );
            var rollout = await Journaled($"ab-test-{Rollouts.IdOf(promotion)}");

            Assert.True(test.Status == ExperimentStatus.RolledBack, $"{point}");
            Assert.StartsWith(
                "Stop candidate: it makes blocks worse",
                test.Promotion.Steps[^1].Reason,
                StringComparison.Ordinal
            );
            var at = rollout.ToList().FindIndex(e => e is CellReported { Revision: 1_000_000 });
            Assert.Equal(
                [typeof(CellReported), typeof(ExperimentDecided), typeof(ExperimentRolledBack)],
                rollout.Skip(at).Take(3).Select(e => e.GetType())
            );
            Assert.Single(rollout.Skip(at).Take(3).Select(e => e.Header.CausationId).Distinct());
            await IsRetired(promotion);
        }
    }

    [Fact]
    public async Task A_shadow_that_fails_is_not_shown_to_anybody()
    {
        await Won("p");
        SayShadow("p", requests: 5, failures: 1);

        var test = await Until("p", t => t.Status == ExperimentStatus.RolledBack);

        Assert.Equal("1 of 5 requests failed; 0 may", test.Promotion.Steps[^1].Reason);
        Assert.Empty(await Journaled("ab-test-p:rollout"));
        await IsRetired("p");
    }

    [Fact]
    public async Task A_shadow_that_nobody_asks_for_gives_up_and_says_so()
    {
        await Won("p", plan => plan.ShadowSeconds = 3600);
        SayShadow("p", requests: 4);

        var test = await Until("p", t => t.Status == ExperimentStatus.RolledBack);

        var last = test.Promotion.Steps[^1];
        Assert.Equal((PromotionStep.Shadow, false, 4L), (last.Step, last.Passed, last.Shadow.Requests));
        Assert.Matches("^v2 has waited [0-9,]+ s in shadow for 10 requests of v1: 4 came$", last.Reason);
        Assert.Empty(await Journaled("ab-test-p:rollout"));
        await IsRetired("p");
    }

    [Fact]
    public async Task A_shadow_in_which_nothing_at_all_happens_gives_up_too()
    {
        await Won("p", plan => plan.ShadowSeconds = 600);

        var test = await Until("p", t => t.Status == ExperimentStatus.RolledBack);

        Assert.EndsWith(": 0 came", test.Promotion.Steps[^1].Reason, StringComparison.Ordinal);
        await IsRetired("p");
    }

    [Theory]
    [InlineData(PromotionStep.Shadow)]
    [InlineData(PromotionStep.Rollout)]
    public async Task A_person_ends_it_and_nothing_of_it_goes_on(PromotionStep step)
    {
        // A ramp of days: it must not be through before the person comes, however slow the machine is.
        await Won("p", plan => plan.StepSeconds = 864_000);
        if (step == PromotionStep.Rollout)
        {
            SayShadow("p");
            await Until("p:rollout", r => r.Status == ExperimentStatus.Running);
        }

        await Until("p", t => t.Promotion.Step == step);
        await Accepted(
            new RollBackExperiment
            {
                Header = GivenExperiment.Header("bo"),
                ExperimentId = "p",
                Reason = "not today",
            }
        );

        var test = await Until("p", t => t.Status == ExperimentStatus.RolledBack);
        Assert.Equal("not today", test.History[^1].Reason);
        if (step == PromotionStep.Rollout)
        {
            // It ends by itself, a moment before or after the promotion.
            await Until("p:rollout", r => r.Status == ExperimentStatus.RolledBack);
        }

        await IsRetired("p");
    }

    private async Task IsRetired(string promotion)
    {
        var family = await Family(promotion);
        Assert.Equal("v1", family.ChampionVersionId);
        Assert.Equal(Stage.Retired, family.Versions.Single(v => v.VersionId == "v2").Stage);
        Assert.DoesNotContain(
            (await Journaled($"registry-{promotion}")).OfType<StageSet>(),
            s => s is { VersionId: "v2", Stage: Stage.Champion }
        );
    }

    private async Task<(string Promotion, CrashPoint Point)[]> All(
        string[] boundaries,
        Action<PromotionPlan>? change = null
    )
    {
        (string Promotion, CrashPoint Point)[] promotions =
        [
            .. boundaries
                .SelectMany(b => new[] { new CrashPoint(b, After: false), new CrashPoint(b, After: true) })
                .Select((point, i) => ($"p-{i}", point)),
        ];
        foreach (var (promotion, point) in promotions)
        {
            Plan.Add(promotion, point);
        }

        await Task.WhenAll(promotions.Select(p => Won(p.Promotion, change)));
        return promotions;
    }
}
