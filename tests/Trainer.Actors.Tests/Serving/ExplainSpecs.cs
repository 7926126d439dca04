using Akka.Actor;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

public sealed class ExplainSpecs : SeedServingKit
{
    private static readonly Lazy<TrainedSeeds> Model = new(TrainedSeeds.Train);

    [Fact]
    public async Task Of_a_linear_model_a_contribution_is_weight_times_value()
    {
        var model = new ModelConfig { Model = "LogisticRegression" };
        var optimizer = new OptimizerConfig { LearningRate = 0.05f };
        var config = ConfigRules.Complete(new TrainingConfig { Model = model, Optimizer = optimizer });
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        for (var batch = 0; batch < 20; batch++)
        {
            session.Train(1, batch, [.. Enumerable.Range(0, 200)]);
        }

        var artifact = session.Checkpoint(1, 0.5, 0.7);
        var weights = artifact.Weights.ToDictionary(w => w.Name, w => w.Values.ToArray(), StringComparer.Ordinal);
        var (weight, bias) = (weights["linear.weight"], weights["linear.bias"][0]);
        var scorer = await Serving(artifact);
        var request = GivenServing.Request(candidates: 1);

        var why = await Why(scorer, new ExplainScore { Score = request });

        var asked = request.Candidates[0];
        var values = new[] { request.User, asked.Features, asked.Context }.SelectMany(Values);
        var width = PlantedData.Schema.User.Features[0].Width;
        double[] expected = [.. values.Select((v, k) => weight[k * width] * v)];
        Assert.Equal(bias, why.BaseLogOdds);
        Assert.Equal(bias + expected.Sum(), why.LogOdds, 1e-5);
        Assert.Equal(0, why.InteractionLogOdds, 1e-6);
        Assert.Equal(6, why.Contributions.Count);
        foreach (var (contribution, value) in why.Contributions.Zip(expected.OrderByDescending(Math.Abs)))
        {
            Assert.Equal(value, contribution.LogOdds, 1e-6);
        }

        var first = why.Contributions.Single(c => c is { Kind: ContributionKind.OfCandidate, Name: "f0" });
        Assert.Equal(expected[3], first.LogOdds, 1e-6);
        Assert.Equal((await scorer.Ask<ScoreReply>(request, Patience)).Scores[0].Score, why.Score, 1e-6f);
    }

    [Fact]
    public async Task Seeds_are_named_by_what_they_say_and_everything_adds_up()
    {
        var scorer = await Serving(Model.Value.Artifact);
        // The last one is who asks, and no seed for itself.
        foreach (var user in (int[])[100, 104, 108, 102, Fan])
        {
            await Like(user, "star");
        }

        var served = await Until(scorer, Fan, "star", seeds: 4);
        await AwaitConditionAsync(
            async () => (await Ask(scorer, Fan + 4, "star")).Scores[0].Seeds == 5,
            Patience,
            Pause
        );

        var why = await Why(scorer, Question("why", topSeeds: 3));
        var all = await Why(scorer, Question("all", topSeeds: 9));

        Assert.Equal(served.Score, why.Score, 1e-5f);
        Assert.Equal((4, 3, 4), (why.Seeds, why.TopSeeds.Count, all.TopSeeds.Count));
        Assert.Equal(
            why.LogOdds,
            why.BaseLogOdds + why.Contributions.Sum(c => c.LogOdds) + why.InteractionLogOdds,
            1e-9
        );
        Assert.NotEqual(0, why.Contributions.Single(c => c.Kind == ContributionKind.OfSeeds).LogOdds);
        var strengths = why.Contributions.Select(c => Math.Abs(c.LogOdds)).ToList();
        Assert.Equal(strengths.OrderDescending(), strengths);
        // The one of another taste speaks against.
        Assert.Equal(SeededData.User(102), all.TopSeeds.MinBy(s => s.LogOdds)!.UserId);
        Assert.DoesNotContain(all.TopSeeds, s => s.UserId == SeededData.User(Fan));
        Assert.Empty((await Why(scorer, Question("none", topSeeds: -1))).TopSeeds);
    }

    [Fact]
    public async Task Seeds_of_the_same_taste_speak_for_a_candidate()
    {
        var scorer = await Serving(Model.Value.Artifact);
        foreach (var user in (int[])[100, 104, 108, 112])
        {
            await Like(user, "star");
        }

        await Until(scorer, Fan, "star", seeds: 4);

        var why = await Why(scorer, Question("why", topSeeds: 3));

        Assert.True(why.Contributions.Single(c => c.Kind == ContributionKind.OfSeeds).LogOdds > 0);
        Assert.True(why.Score > 0.5);
    }

    [Theory]
    [InlineData("TwoTowerMha")]
    [InlineData("MeanPooledSeeds")]
    public async Task Every_model_can_be_explained(string model)
    {
        var config = ConfigRules.Complete(new TrainingConfig { Model = new ModelConfig { Model = model } });
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        var scorer = await Serving(session.Checkpoint(1, 0.5, 0.7));

        var why = await Why(scorer, new ExplainScore { Score = GivenServing.Request(candidates: 1) });

        Assert.Equal(6, why.Contributions.Count);
        Assert.Empty(why.TopSeeds);
    }

    [Theory]
    [InlineData("score.candidates", 2, 0)]
    [InlineData("top_seeds", 1, 101)]
    [InlineData("top_seeds", 1, -2)]
    public async Task A_question_that_cannot_be_answered_is_refused_by_its_field(string field, int candidates, int top)
    {
        var scorer = await Serving(Model.Value.Artifact);
        var question = new ExplainScore { Score = GivenServing.Request(candidates: candidates), TopSeeds = top };

        var reply = await scorer.Ask<ExplainReply>(question, Patience);

        Assert.Equal((RejectionCode.Invalid, field), (reply.Rejection.Code, reply.Rejection.Field));
    }

    [Fact]
    public async Task What_is_wrong_with_the_request_in_a_question_is_named_from_the_question()
    {
        var scorer = await Serving(Model.Value.Artifact);

        Assert.Equal("score.request_id", await Refused(score => score.RequestId = ""));
        Assert.Equal("score.candidates[0].candidate_id", await Refused(score => score.Candidates[0].CandidateId = "?"));
        Assert.Equal("score.family", await Refused(score => score.Family = "unknown"));
        Assert.Equal(
            "score.user.f0",
            await Refused(score =>
                score.User = new Features
                {
                    Items =
                    {
                        new Feature { Name = "f0", Text = "a word" },
                    },
                }
            )
        );

        async Task<string> Refused(Action<Score> spoil)
        {
            var question = Question("why", topSeeds: 0);
            spoil(question.Score);
            return (await scorer.Ask<ExplainReply>(question, Patience)).Rejection.Field;
        }
    }

    private static ExplainScore Question(string request, int topSeeds) =>
        new() { Score = SeededData.Request(Fan, request, "star"), TopSeeds = topSeeds };

    private static async Task<ExplainReply> Why(IActorRef scorer, ExplainScore question)
    {
        var reply = await scorer.Ask<ExplainReply>(question, Patience);
        Assert.Null(reply.Rejection);
        return reply;
    }

    private static IEnumerable<double> Values(Features features) => features.Items.Select(f => f.Number);
}
