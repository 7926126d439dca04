using Akka.Actor;
using Akka.Hosting;
using Akka.TestKit;
using Google.Protobuf;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>An experiment's arm that learns while it is shown.</summary>
public sealed class LiveArmSpecs : TrainerTestKit
{
    [Fact]
    public async Task An_arm_of_a_lineage_is_scored_by_what_that_has_published_and_says_how_far_it_is()
    {
        var (lineages, artifact) = (CreateTestProbe(), Artifact());
        var scorer = Scorer(lineages);
        scorer.Tell(GivenServing.Family("v-1", ("v-1", artifact)));
        scorer.Tell(GivenServing.Test());
        scorer.Tell(GivenServing.Lineage("exp/b", 3, artifact));
        var request = await InTheArm(scorer);
        var before = await Ask(scorer, request);
        Assert.Equal(3, before.BatchNr);
        await lineages.FishForMessageAsync(m => m is FollowWeights { LineageId: "exp/b", KnownBatchNr: 0 }, Patience);

        // All zeros: every candidate is as likely as not.
        var numbers = Store.Load(artifact).Weights.Sum(t => t.Values.Length);
        scorer.Tell(
            new PublishedWeights
            {
                LineageId = "exp/b",
                BatchNr = 9,
                Length = numbers,
                Values = ByteString.CopyFrom(new byte[4 * numbers]),
            }
        );

        var after = new ScoreReply();
        await AwaitConditionAsync(async () => (after = await Ask(scorer, request)).BatchNr == 9, Patience, Pause);
        Assert.All(after.Scores, s => Assert.Equal(0.5f, s.Score));
        Assert.Equal(artifact.Hash, after.ArtifactHash);
        // The version itself is served as it was.
        request.ExperimentId = "";
        var champion = await Ask(scorer, request);
        Assert.Equal((0, before.Scores[0].Score), (champion.BatchNr, champion.Scores[0].Score));
    }

    /// <summary>A request of somebody whom the experiment gives the lineage.</summary>
    private async Task<Score> InTheArm(IActorRef scorer)
    {
        for (var user = 1; ; user++)
        {
            var request = GivenServing.Request($"u-{user}", "t-1", candidates: 5);
            await AwaitConditionAsync(async () => (await Ask(scorer, request)).Rejection is null, Patience, Pause);
            if ((await Ask(scorer, request)).LineageIds.Contains("exp/b"))
            {
                return request;
            }
        }
    }

    private IActorRef Scorer(TestProbe lineages)
    {
        var options = new ScorerOptions { Workers = 2, AskEvery = TimeSpan.FromHours(1) };
        var (store, mediator, registry) = (Store, CreateTestProbe().Ref, ActorRegistry);
        ActorRegistry.TryRegister<RegistryRegion>(CreateTestProbe().Ref, overwrite: true);
        ActorRegistry.TryRegister<LineageRegion>(lineages.Ref, overwrite: true);
        return Sys.ActorOf(
            Props.Create(() => new ScorerActor(store, options, "cpu", TimeProvider.System, registry, mediator))
        );
    }

    private ArtifactRef Artifact()
    {
        var config = ConfigRules.Complete(GivenRun.Start(seed: 1).Config);
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        return Store.Save(session.Checkpoint(0, 0.5, 0.7));
    }

    private static Task<ScoreReply> Ask(IActorRef scorer, Score request) => scorer.Ask<ScoreReply>(request, Patience);
}
