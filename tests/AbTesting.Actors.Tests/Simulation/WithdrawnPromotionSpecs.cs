using RalmActors.AbTesting.Actors.Tests.Domain.Promotions;
using RalmActors.AbTesting.Domain;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Simulation;

/// <summary>
/// Promotions by steps of a winner that does no harm and no good, each through its whole engine: gate, shadow, a rollout with the
/// default hold-back that goes through its ramp while units come, and what the promotion makes of its end.
/// </summary>
public sealed class WithdrawnPromotionSpecs(ITestOutputHelper output)
{
    private static readonly int Promotions = Seeds.IsLong ? 200 : 80;
    private const int Units = 4_000;
    private const int LookEvery = 50;
    private const int Steps = 4;

    public static TheoryData<double, double> Rates =>
        Seeds.IsLong ? new() { { .1, .005 }, { .3, .05 } } : new() { { .3, .05 } };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_promotion_that_does_no_harm_is_seldom_withdrawn(double match, double block)
    {
        var withdrawn = Enumerable.Range(1, Promotions).Count(seed => !IsServed(new Random(seed), match, block));

        output.WriteLine($"{withdrawn} of {Promotions} promotions are withdrawn although nothing is worse");
        Assert.InRange(withdrawn, 0, Promotions / 20);
    }

    private static bool IsServed(Random random, double match, double block)
    {
        var parent = GivenPromotion.Won(
            new PromotionPlan { ShadowRequests = 10, StepSeconds = 60 },
            d =>
            {
                d.Metrics.Add(new Metric { Name = "match" });
                d.Metrics.Add(new Metric { Name = "block", LowerIsBetter = true });
                d.Guardrails.Add(new Guardrail { Metric = "block" });
            }
        );
        Then(parent, GivenPromotion.Gate(), GivenPromotion.Shadow(requests: 10));
        var evidence = Rollout.EvidenceOf(
            (ExperimentReply)
                RolledOut(parent.State, random, match, block).Answer(new GetExperiment { ExperimentId = "t:rollout" })
        );
        Assert.True(evidence.Ended);
        Then(parent, GivenPromotion.Step(new TakePromotionStep { Step = PromotionStep.Rollout, Rollout = evidence }));
        return PromotionSteps.At(parent.State) == PromotionStep.Serve;
    }

    private static ExperimentState RolledOut(ExperimentState parent, Random random, double match, double block)
    {
        var create = Create();
        (create.ExperimentId, create.RolloutOf) = ("t:rollout", "t");
        create.Definition = Rollout.DefinitionOf(parent);
        var core = Then(
            new EntityCore<ExperimentState>("t:rollout"),
            create,
            new StartExperiment { Header = Header(), ExperimentId = "t:rollout" }
        );
        var totals = new SortedDictionary<ArmKey, ArmTotals>();
        for (var unit = 1; unit <= Units && core.State.Stage == ExperimentStatus.Running; unit++)
        {
            var arm = random.Next(10_000) < create.Definition.Arms[0].Weight ? "control" : "candidate";
            Count("match", match);
            Count("block", block);
            if (unit % LookEvery == 0)
            {
                var at = Now.AddSeconds(60.0 * Steps * unit / Units);
                ThenAt(core, at, Report(0, unit, [.. totals.Select(t => t.Value.ToMessage(t.Key))]), Advance());
            }

            void Count(string metric, double rate)
            {
                var key = new ArmKey(core.State.Phase, arm, metric);
                var value = random.NextDouble() < rate ? ArmTotals.One : 0;
                totals[key] = totals.GetValueOrDefault(key).Add(value, 0);
            }
        }

        return core.State;
    }
}
