using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Promotions;

/// <summary>A test that arm b has won, what its promotion's steps are shown, and how it fails.</summary>
internal static class GivenPromotion
{
    public static EntityCore<ExperimentState> Before(PromotionStep step) =>
        step switch
        {
            PromotionStep.Gate => Won(),
            PromotionStep.Shadow => Then(Won(), Gate()),
            PromotionStep.Rollout => Then(Won(), Gate(), Shadow(requests: 10)),
            _ => Then(Won(), Gate(), Shadow(requests: 10), Rollout()),
        };

    public static EntityCore<ExperimentState> Won(Action<ExperimentDefinition>? change = null) =>
        Won(
            new PromotionPlan
            {
                ShadowRequests = 10,
                ShadowFailures = 1,
                ShadowSlowdown = 3,
                ShadowSeconds = 100,
            },
            change
        );

    public static EntityCore<ExperimentState> Won(PromotionPlan? plan, Action<ExperimentDefinition>? change = null) =>
        Given(
            Create(d =>
            {
                (d.OnVerdict, d.Promotion) = (AutomaticAction.Promote, plan);
                change?.Invoke(d);
            }),
            Start(),
            Report(0, 1, (2000, 200), (2000, 320))
        );

    public static TakePromotionStep Step(TakePromotionStep shown)
    {
        (shown.Header, shown.ExperimentId) = (Header(), "t");
        return shown;
    }

    public static TakePromotionStep Gate(bool registered = true, string champion = "v1") =>
        Step(
            new TakePromotionStep
            {
                Step = PromotionStep.Gate,
                ChampionVersionId = champion,
                Gate = new GateEvidence { Registered = registered, WeightsHash = "cafe" },
            }
        );

    public static TakePromotionStep Shadow(long requests, long failures = 0, double seconds = 1, bool settled = true) =>
        Step(
            new TakePromotionStep
            {
                Step = PromotionStep.Shadow,
                Settled = settled,
                Shadow = new ShadowCounts
                {
                    Requests = requests,
                    Failures = failures,
                    ChampionSeconds = 1,
                    ShadowSeconds = seconds,
                },
            }
        );

    public static TakePromotionStep Rollout(
        bool ended = true,
        bool through = true,
        Finding finding = Finding.Undecided
    ) =>
        Step(
            new TakePromotionStep
            {
                Step = PromotionStep.Rollout,
                Rollout = new RolloutEvidence
                {
                    ExperimentId = "t:rollout",
                    Ended = ended,
                    Through = through,
                    Verdict = new Verdict { Finding = finding, Recommendation = "as found" },
                },
            }
        );

    public static CompletePromotion Complete(string version, PromotionStep step = PromotionStep.Unspecified) =>
        new()
        {
            Header = Header(),
            ExperimentId = "t",
            VersionId = version,
            Step = step,
        };

    public static RollBackExperiment RollBack(string reason) =>
        new()
        {
            Header = Header("bo"),
            ExperimentId = "t",
            Reason = reason,
        };

    /// <summary>The last step has failed for this reason, and the test ends rolled back with it.</summary>
    public static void Fails(EntityCore<ExperimentState> test, string reason)
    {
        var last = test.State.Steps[^1];
        Assert.Equal((false, reason), (last.Passed, last.Reason));
        Assert.Equal(PromotionStep.Withdraw, PromotionSteps.At(test.State));

        var ended = Assert.IsType<ExperimentRolledBack>(Assert.Single(test.Decide(Complete("v1"), Now).Events));
        Assert.Equal(("v1", reason), (ended.VersionId, ended.Reason));
    }
}
