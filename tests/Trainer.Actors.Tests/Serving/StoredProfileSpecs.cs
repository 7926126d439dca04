using Akka.Actor;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Actors;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>Whoever sends no features of the user is answered by the user's stored profile, as an interaction is learned.</summary>
public sealed class StoredProfileSpecs : TrainerTestKit
{
    [Fact]
    public async Task A_request_without_features_is_scored_as_one_with_those_of_the_profile()
    {
        var (users, scorer) = await Serving();
        var with = await Ask(scorer, GivenServing.Request());

        var without = Ask(scorer, Bare());
        Assert.Equal("u-1", (await users.ExpectMsgAsync<GetUser>(Patience)).UserId);
        users.Reply(new UserReply { UserId = "u-1", Profile = PlantedData.Sample(0).User });

        Assert.Equal(with.Scores, (await without).Scores);
        Assert.Empty((await without).UnknownFeatures);
    }

    [Fact]
    public async Task Nobody_is_asked_for_what_is_sent_and_a_stranger_is_scored_without()
    {
        var (users, scorer) = await Serving();
        await Ask(scorer, GivenServing.Request());
        await users.ExpectNoMsgAsync(Pause);

        var stranger = Ask(scorer, Bare());
        await users.ExpectMsgAsync<GetUser>(Patience);
        users.Reply(new NotFoundReply { Region = RegionNames.User, EntityId = "u-1" });

        Assert.Null((await stranger).Rejection);
    }

    [Fact]
    public async Task A_profile_that_cannot_be_had_is_said_and_not_left_out()
    {
        var (_, scorer) = await Serving();

        var rejection = (await Ask(scorer, Bare())).Rejection;

        Assert.Equal((RejectionCode.NotAvailable, "user_id"), (rejection.Code, rejection.Field));
    }

    [Fact]
    public async Task What_the_model_does_not_know_is_counted_in_the_answer()
    {
        var (_, scorer) = await Serving();
        var request = GivenServing.Request();
        request.User.Items[0].Name = "agee";
        foreach (var candidate in request.Candidates)
        {
            candidate.Features.Items.Add(new Feature { Name = "hight", Number = 1 });
        }

        Assert.Equal(
            [("user", "agee", 1), ("candidates", "hight", 3)],
            (await Ask(scorer, request)).UnknownFeatures.Select(u => (u.Side, u.Name, u.Times))
        );
    }

    private static Score Bare()
    {
        var request = GivenServing.Request();
        request.User = null;
        return request;
    }

    private async Task<(Akka.TestKit.TestProbe Users, IActorRef Scorer)> Serving()
    {
        var users = CreateTestProbe();
        var (store, mediator, registry) = (Store, CreateTestProbe().Ref, ActorRegistry);
        registry.TryRegister<UserRegion>(users.Ref, overwrite: true);
        registry.TryRegister<RegistryRegion>(Registry.Ref, overwrite: true);
        registry.TryRegister<LineageRegion>(CreateTestProbe().Ref, overwrite: true);
        var options = new ScorerOptions { Workers = 1, AskEvery = TimeSpan.FromHours(1) };
        var scorer = Sys.ActorOf(
            Props.Create(() => new ScorerActor(store, options, "cpu", TimeProvider.System, registry, mediator))
        );
        scorer.Tell(GivenServing.Family("v-1", ("v-1", Artifact())));
        await AwaitConditionAsync(
            async () => (await Ask(scorer, GivenServing.Request())).Rejection is null,
            Patience,
            Pause
        );
        return (users, scorer);
    }

    private ArtifactRef Artifact()
    {
        var config = ConfigRules.Complete(GivenRun.Start(seed: 1).Config);
        using var session = new TrainingSession(config, PlantedData.Open(), null, "cpu");
        return Store.Save(session.Checkpoint(0, 0.5, 0.7));
    }

    private static Task<ScoreReply> Ask(IActorRef scorer, Score request) => scorer.Ask<ScoreReply>(request, Patience);
}
