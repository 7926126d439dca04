using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.TestKit;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A version in shadow sees the seeds that it would see if it served.</summary>
public sealed class SeedShadowSpecs : SeedServingKit
{
    private static readonly Lazy<TrainedSeeds> Model = new(TrainedSeeds.Train);

    [Fact]
    public async Task The_champion_s_twin_in_shadow_scores_as_the_champion()
    {
        var (scorer, reports) = (Scorer(), Reports());
        var artifact = Store.Save(Model.Value.Artifact);
        scorer.Tell(Family(("v-1", artifact)));
        // In shadow only now: what the champion answered before it knew every seed must not be among the compared.
        await Warm(scorer);
        scorer.Tell(Family(("v-1", artifact), ("v-2", artifact)));

        var counts = await Compared(scorer, reports, requests: 5);

        Assert.Equal(0, counts.Failures);
        Assert.Equal(0, counts.AbsoluteDifference, 1e-6);
    }

    [Fact]
    public async Task A_candidate_with_seeds_is_itself_beside_a_champion_without()
    {
        var (plain, seeded) = (Store.Save(Plain()), Store.Save(Model.Value.Artifact));
        var (scorer, reports) = (Scorer(), Reports());
        scorer.Tell(Family(("v-2", seeded)));
        var served = await Warm(scorer);
        var cold = (await Ask(scorer, Fan, "nobody")).Scores[0];

        scorer.Tell(Family(("v-1", plain), ("v-2", seeded)));
        await Serves(scorer, "v-1");
        var champion = (await Ask(scorer, Fan, "star")).Scores[0].Score;
        await Compared(scorer, reports, requests: 1);
        var counts = await Compared(scorer, reports, requests: 5);

        // Without seeds it would have been as far from the champion as a candidate nobody knows.
        Assert.True(Math.Abs(served.Score - cold.Score) > 0.1, $"{cold.Score} -> {served.Score}");
        Assert.Equal(Math.Abs(served.Score - champion), counts.AbsoluteDifference / counts.Candidates, 1e-5);

        // What left the shadow for the throne still sees its seeds.
        scorer.Tell(Family(("v-2", seeded)));
        await Serves(scorer, "v-2");
        Assert.Equal(served.Score, (await Until(scorer, Fan, "star", seeds: 8)).Score, 1e-6f);
    }

    /// <summary>The first is the champion, others are in shadow.</summary>
    private static RegistryReply Family(params (string Version, ArtifactRef Artifact)[] versions)
    {
        var family = GivenServing.Family(versions[0].Version, versions);
        foreach (var shadow in family.Versions.Skip(1))
        {
            shadow.Stage = Stage.Shadow;
        }

        return family;
    }

    private async Task<ScoredCandidate> Warm(IActorRef scorer)
    {
        await AwaitConditionAsync(async () => (await Ask(scorer, Fan, "nobody")).Rejection is null, Patience, Pause);
        for (var k = 0; k < 8; k++)
        {
            await Like(user: 100 + (4 * k), "star");
        }

        return await Until(scorer, Fan, "star", seeds: 8);
    }

    private async Task Serves(IActorRef scorer, string version) =>
        await AwaitConditionAsync(async () => (await Ask(scorer, Fan, "star")).VersionId == version, Patience, Pause);

    private TestProbe Reports()
    {
        var probe = CreateTestProbe();
        Topics.Tell(new Subscribe(Messages.Cluster.Topics.Shadows, probe.Ref));
        return probe;
    }

    /// <summary>
    /// What so many more comparisons of the same request add, asked once a report: a shadow that is behind, or has no seeds
    /// yet, passes requests over.
    /// </summary>
    private static async Task<ShadowCounts> Compared(IActorRef scorer, TestProbe reports, int requests)
    {
        var first = await Reported(reports);
        var last = first;
        while (last.Requests < first.Requests + requests)
        {
            await Ask(scorer, Fan, "star");
            last = await Reported(reports);
        }

        return new ShadowCounts
        {
            Failures = last.Failures - first.Failures,
            Candidates = last.Candidates - first.Candidates,
            AbsoluteDifference = last.AbsoluteDifference - first.AbsoluteDifference,
        };
    }

    private static async Task<ShadowCounts> Reported(TestProbe reports) =>
        (await reports.ExpectMsgAsync<ShadowReport>(Patience)).Counts;

    private static ModelArtifact Plain()
    {
        var config = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Model = "TwoTowerMha" },
                RandomSeed = 3,
            }
        );
        using var session = new TrainingSession(config, SeededData.Open(), null, "cpu");
        return session.Checkpoint(1, 0.5, 0.7);
    }
}
