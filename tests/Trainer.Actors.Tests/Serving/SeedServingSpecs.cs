using System.Runtime.InteropServices;
using Akka.Actor;
using Ralm.Datasets.Descriptions;
using Ralm.Models.Training;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>From an interaction, over the candidate's own entity, to the next score: without training.</summary>
public sealed class SeedServingSpecs : SeedServingKit
{
    private static readonly Lazy<TrainedSeeds> Model = new(TrainedSeeds.Train);

    [Fact]
    public async Task A_new_seed_raises_the_score_for_the_like_minded_at_once_and_without_training()
    {
        var scorer = await Serving(Model.Value.Artifact);
        var cold = (await Ask(scorer, Fan, "star")).Scores[0];

        // Of the fan's taste.
        for (var k = 0; k < 8; k++)
        {
            await Like(user: 100 + (4 * k), "star");
        }

        var warm = await Until(scorer, Fan, "star", seeds: 8);
        var stranger = await Until(scorer, Fan + 2, "star", seeds: 8);
        Assert.Equal(0, (await Ask(scorer, Fan, "star")).SeedsPending);
        Assert.Equal(0, cold.Seeds);
        Assert.True(cold.LookAlike.IsEmpty);
        Assert.True(warm.Score > Math.Max(0.7f, cold.Score + 0.3f), $"{cold.Score} -> {warm.Score}");
        Assert.True(stranger.Score < 0.3f, $"{stranger.Score}");
    }

    [Fact]
    public async Task A_served_score_is_the_offline_score_with_the_same_seeds()
    {
        var scorer = await Serving(Model.Value.Artifact);
        var data = Model.Value.Data;
        int[] few = [.. Enumerable.Range(0, SeededData.Candidates).Where(c => data.Audiences.Of(c).Length > 0)];
        var candidate = few.MinBy(c => data.Audiences.Of(c).Length);
        int[] all = [.. data.Audiences.Of(candidate)];
        foreach (var seed in all)
        {
            await Like(seed, SeededData.Candidate(candidate));
        }

        var rows = data.Rows(Split.Test).ToArray().Where(r => data.CandidateOf(r) == candidate).ToArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var user = data.UserOf(row);
            var seeds = all.Length - (all.Contains(user) ? 1 : 0);
            var served = await Until(scorer, user, SeededData.Candidate(candidate), seeds);
            Assert.Equal(Model.Value.Offline(row), served.Score, 1e-5f);
        }
    }

    [Fact]
    public async Task A_first_request_waits_a_short_time_only_and_is_then_scored_by_what_is_known()
    {
        var users = CreateTestProbe();
        ActorRegistry.TryRegister<UserRegion>(users.Ref, overwrite: true);
        var scorer = await Serving(Model.Value.Artifact, regions: false);

        var reply = await Ask(scorer, Fan, "star");

        Assert.Equal(0, reply.Scores[0].Seeds);
        Assert.Equal("nobody", (await users.ExpectMsgAsync<GetAudience>(Patience)).UserId);
        Assert.Equal("star", (await users.ExpectMsgAsync<GetAudience>(Patience)).UserId);
        // The next one does not wait for a region that does not answer; nor is it asked twice.
        Assert.Null((await Ask(scorer, Fan, "star")).Rejection);
        await users.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_swap_to_another_artefact_fails_no_request_and_keeps_the_seeds()
    {
        var scorer = await Serving(Model.Value.Artifact);
        await Like(8, "star");
        await Like(12, "star");
        await Until(scorer, Fan, "star", seeds: 2);
        var second = Store.Save(Model.Value.Other);

        var asked = new List<Task<ScoreReply>>();
        for (var k = 0; k < 200; k++)
        {
            if (k == 50)
            {
                scorer.Tell(GivenServing.Family("v-2", ("v-1", Store.Save(Model.Value.Artifact)), ("v-2", second)));
            }

            asked.Add(Ask(scorer, Fan, "star"));
        }

        Assert.All(
            await Task.WhenAll(asked),
            r => Assert.Equal((null, 2), (r.Rejection, r.Scores.SingleOrDefault()?.Seeds))
        );
        await AwaitConditionAsync(
            async () => await Ask(scorer, Fan, "star") is { VersionId: "v-2", Scores: [{ Seeds: 2 }] },
            Patience,
            Pause
        );
    }

    [Fact]
    public async Task A_keeper_that_starts_again_serves_nothing_stale_and_brings_the_seeds_back()
    {
        var scorer = await Serving(Model.Value.Artifact);
        await Like(8, "star");
        await Like(12, "star");
        var before = await Until(scorer, Fan, "star", seeds: 2);

        var asked = new List<Task<ScoreReply>>();
        await EventFilter
            .Exception<NullReferenceException>()
            .ExpectOneAsync(() =>
            {
                asked.AddRange(Enumerable.Range(0, 20).Select(_ => Ask(scorer, Fan, "star")));
                Sys.ActorSelection(scorer.Path / "seeds").Tell(new SeedCacheActor.Prepare(null!, scorer));
                asked.AddRange(Enumerable.Range(0, 20).Select(_ => Ask(scorer, Fan, "star")));
                return Task.CompletedTask;
            });

        Assert.All(
            await Task.WhenAll(asked),
            r => Assert.True(r is { Rejection: null, Scores: [{ Seeds: 0 or 2 }] }, $"{r}")
        );
        var after = await Until(scorer, Fan, "star", seeds: 2);
        Assert.Equal((before.Score, before.LookAlike), (after.Score, after.LookAlike));
        await Like(16, "star");
        await Until(scorer, Fan, "star", seeds: 3);
    }

    [Fact]
    public async Task Where_candidates_are_users_the_seeds_of_both_sides_count_and_neither_counts_the_other()
    {
        var schema = PlantedData.Schema;
        var both = new FeatureSchema(schema.User, schema.User, schema.Context) { Reciprocal = true };
        using var session = new TrainingSession(SeededData.Config, PlantedPeople.Open(both), null, "cpu");
        var scorer = await Serving(session.Checkpoint(0, 0.5, 0.7));
        var (me, you, third) = (SeededData.User(Fan), SeededData.User(8), SeededData.User(20));
        Assert.Equal(0, (await Ask(scorer, Fan, you)).Scores[0].Seeds);

        await Like(12, you);
        var one = await Until(scorer, Fan, you, seeds: 1);
        await Like(16, me);
        var two = await Until(scorer, Fan, you, seeds: 2);
        // Each likes the other.
        await Like(8, me);
        await Like(Fan, you);
        await Until(scorer, Fan, third, seeds: 2);
        await Until(scorer, 12, you, seeds: 1);
        var mutual = await Until(scorer, Fan, you, seeds: 2);

        Assert.NotEqual(one.Score, two.Score);
        Assert.Equal(two.Score, mutual.Score, 1e-6f);
        Assert.Equal(44, two.LookAlike.Length);
        Assert.Equal(two.LookAlike.Span[..4].ToArray(), mutual.LookAlike.Span[..4].ToArray());
        // Of another count of clusters, so perhaps rounded otherwise.
        foreach (var (expected, actual) in Numbers(two).Zip(Numbers(mutual)))
        {
            Assert.Equal(expected, actual, 1e-5f);
        }

        static float[] Numbers(ScoredCandidate scored) =>
            MemoryMarshal.Cast<byte, float>(scored.LookAlike.Span[4..]).ToArray();
    }
}
