using Akka.Actor;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>Whoever names a test that nobody created hears it, and is not served by the champion.</summary>
public sealed class NamedTestSpecs : TrainerTestKit
{
    [Fact]
    public async Task A_test_that_the_node_does_not_know_is_asked_for_and_refused_where_nobody_created_it()
    {
        var (tests, scorer) = (CreateTestProbe(), Scorer(Patience));
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        await Serving(scorer);

        var (mistyped, again) = (
            Ask(scorer, GivenServing.Request(test: "t-l")),
            Ask(scorer, GivenServing.Request(test: "t-l"))
        );
        Assert.Equal("t-l", (await tests.ExpectMsgAsync<GetRunningExperiment>(Patience)).ExperimentId);
        tests.Reply(new NotFoundReply { Region = RegionNames.AbTest, EntityId = "t-l" });
        Assert.All(
            [(await mistyped).Rejection, (await again).Rejection],
            r => Assert.Equal((RejectionCode.NotFound, "experiment_id", "t-l"), (r.Code, r.Field, r.Value))
        );

        var known = Ask(scorer, GivenServing.Request(test: "t-1"));
        await tests.ExpectMsgAsync<GetRunningExperiment>(Patience);
        tests.Reply(GivenServing.Test(running: false));
        Assert.Equal(("v-1", ""), ((await known).VersionId, (await known).ExperimentId));
        Assert.Null((await Ask(scorer, GivenServing.Request(test: "t-1"))).Rejection);
        await tests.ExpectNoMsgAsync(Pause);
    }

    [Fact]
    public async Task Where_no_test_answers_the_champion_serves()
    {
        var (tests, scorer) = (CreateTestProbe(), Scorer(TimeSpan.FromMilliseconds(100)));
        ActorRegistry.TryRegister<AbTestRegion>(tests.Ref, overwrite: true);
        await Serving(scorer);

        Assert.Equal("v-1", (await Ask(scorer, GivenServing.Request(test: "t-1"))).VersionId);
    }

    private IActorRef Scorer(TimeSpan familyWait)
    {
        var options = new ScorerOptions
        {
            Workers = 1,
            AskEvery = TimeSpan.FromHours(1),
            FamilyWait = familyWait,
        };
        var (store, mediator, registry) = (Store, CreateTestProbe().Ref, ActorRegistry);
        registry.TryRegister<RegistryRegion>(Registry.Ref, overwrite: true);
        registry.TryRegister<LineageRegion>(CreateTestProbe().Ref, overwrite: true);
        return Sys.ActorOf(
            Props.Create(() => new ScorerActor(store, options, "cpu", TimeProvider.System, registry, mediator))
        );
    }

    private async Task Serving(IActorRef scorer)
    {
        scorer.Tell(GivenServing.Family("v-1", ("v-1", Artifact(1))));
        await AwaitConditionAsync(
            async () => (await Ask(scorer, GivenServing.Request())).Rejection is null,
            Patience,
            Pause
        );
    }

    private ArtifactRef Artifact(ulong seed)
    {
        var config = ConfigRules.Complete(GivenRun.Start(seed: seed).Config);
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        return Store.Save(session.Checkpoint(0, 0.5, 0.7));
    }

    private static Task<ScoreReply> Ask(IActorRef scorer, Score request) => scorer.Ask<ScoreReply>(request, Patience);
}
