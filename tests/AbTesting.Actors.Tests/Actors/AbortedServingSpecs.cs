using RalmActors.AbTesting.Actors.Tests.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Actors;

/// <summary>A person ends a promotion while the registry is being told to let its winner serve: never half.</summary>
public sealed class AbortedServingSpecs : PromotionTestKit
{
    [Fact]
    public async Task What_serves_after_all_is_withdrawn_again()
    {
        var serve = await HeldBack();
        await Accepted(Abort());
        Arrives(serve);

        await IsWithdrawn();
        Assert.Equal(
            [("v2", Stage.Shadow), ("v2", Stage.Canary), ("v2", Stage.Champion), ("v1", Stage.Champion)],
            await StagesSet()
        );
    }

    [Fact]
    public async Task What_arrives_after_the_withdrawal_is_refused()
    {
        var serve = await HeldBack();
        await Accepted(Abort());
        // Who has sent it is gone, and who comes instead does not wait for it.
        Plan.Tests.Tell(new CrashingRegion.Lose("p"), Akka.Actor.ActorRefs.NoSender);
        await IsWithdrawn();
        Arrives(serve);

        await IsWithdrawn();
        Assert.Equal([("v2", Stage.Shadow), ("v2", Stage.Canary), ("v2", Stage.Retired)], await StagesSet());
    }

    /// <summary>All steps are passed, and the command that makes the winner the champion is on its way.</summary>
    private async Task<Action> HeldBack()
    {
        var held = Plan.Hold("p", "SetStage Champion 2");
        await Won("p");
        SayShadow("p");
        var serve = await held.WaitAsync(Patience);
        await Until("p", t => t.Promotion.Step == PromotionStep.Serve);
        return serve;
    }

    private void Arrives(Action serve) =>
        ActorRegistry.Get<RegistryRegion>().Tell(new CrashingRegion.Late(serve), Akka.Actor.ActorRefs.NoSender);

    private async Task IsWithdrawn()
    {
        var test = await Until("p", t => t.Status is ExperimentStatus.Promoted or ExperimentStatus.RolledBack);
        Assert.Equal(
            ("rolled back: v1 serves", "not today", ExperimentStatus.RolledBack),
            (test.History[^1].What, test.History[^1].Reason, test.Status)
        );
        var family = await Family("p");
        Assert.Equal("v1", family.ChampionVersionId);
        Assert.Equal(Stage.Retired, family.Versions.Single(v => v.VersionId == "v2").Stage);
    }

    /// <summary>Since v1 began to serve.</summary>
    private async Task<IEnumerable<(string Version, Stage Stage)>> StagesSet() =>
        (await Journaled("registry-p")).OfType<StageSet>().Skip(1).Select(s => (s.VersionId, s.Stage));

    private static RollBackExperiment Abort() =>
        new()
        {
            Header = GivenExperiment.Header("bo"),
            ExperimentId = "p",
            Reason = "not today",
        };
}
