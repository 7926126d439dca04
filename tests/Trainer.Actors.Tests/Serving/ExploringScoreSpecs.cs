using Akka.Actor;
using Ralm.Models.Training;
using Ralm.Ranking.OffPolicy;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A request that explores is told the list to show, and with which chance each stands where it does.</summary>
public sealed class ExploringScoreSpecs : TrainerTestKit
{
    private static readonly Exploration Exploration = new() { Epsilon = 0.3, Temperature = 1 };

    [Fact]
    public async Task Places_and_chances_are_those_of_the_scores_and_of_the_request()
    {
        var reply = await Score(Exploration);

        Assert.Equal(Enumerable.Range(1, 20), reply.Scores.Select(s => s.Position).Order());
        Assert.Equal(
            DrawnList.Of([.. reply.Scores.Select(s => s.Score)], Exploration, "r-1").Select(p => p.Propensity),
            reply.Scores.OrderBy(s => s.Position).Select(s => s.Propensity)
        );
        Assert.NotEqual(
            reply.Scores.OrderByDescending(s => s.Score).Select(s => s.CandidateId),
            reply.Scores.OrderBy(s => s.Position).Select(s => s.CandidateId)
        );
    }

    [Fact]
    public async Task Repeated_it_is_the_same_list() =>
        Assert.Equal((await Score(Exploration)).Scores, (await Score(Exploration)).Scores);

    [Fact]
    public async Task A_request_that_does_not_explore_is_told_no_place() =>
        Assert.All((await Score(null)).Scores, s => Assert.Equal((0, 0), (s.Position, s.Propensity)));

    private async Task<ScoreReply> Score(Exploration? exploration)
    {
        var config = ConfigRules.Complete(GivenRun.Start(seed: 1).Config);
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        var artifact = Store.Save(session.Checkpoint(0, 0.5, 0.7));
        var store = Store;
        var worker = Sys.ActorOf(Props.Create(() => new ScorerWorkerActor(store, "cpu")));
        worker.Tell(new ScorerWorkerActor.Load(artifact));
        await ExpectMsgAsync<ScorerWorkerActor.Loaded>(Patience);
        var request = GivenServing.Request(candidates: 20);
        request.Exploration = exploration;
        worker.Tell(new ScorerWorkerActor.Compute(request, new ScoreReply { ArtifactHash = artifact.Hash }));
        return await ExpectMsgAsync<ScoreReply>(Patience);
    }
}
