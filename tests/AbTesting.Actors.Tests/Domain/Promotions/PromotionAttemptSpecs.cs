using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.AbTesting.Domain.Promotions;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;
using static RalmActors.AbTesting.Actors.Tests.Domain.Experiments.GivenExperiment;
using static RalmActors.AbTesting.Actors.Tests.Domain.Promotions.GivenPromotion;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Promotions;

/// <summary>What a step does outside its test, move by move: each answer decides the next.</summary>
public sealed class PromotionAttemptSpecs
{
    [Fact]
    public void A_shadow_is_set_beside_the_champion_it_was_begun_with()
    {
        var (sent, then) = Play(Before(PromotionStep.Shadow), Family("v1", Stage.Candidate));

        Assert.Equal(["GetRegistry", "SetStage Shadow v2"], sent);
        var step = Assert.IsType<TakePromotionStep>(then);
        Assert.Equal((PromotionStep.Shadow, "v1"), (step.Step, step.ChampionVersionId));
    }

    [Theory]
    [InlineData(PromotionStep.Shadow)]
    [InlineData(PromotionStep.Rollout)]
    public void Beside_another_champion_nothing_is_set(PromotionStep at)
    {
        var (sent, then) = Play(Before(at), Family("v9", Stage.Shadow));

        Assert.Equal(["GetRegistry"], sent);
        Assert.Equal("v9", Assert.IsType<TakePromotionStep>(then).ChampionVersionId);
    }

    [Fact]
    public void A_rollout_is_created_and_started_and_then_only_looked_at()
    {
        var world = new World(Family("v1", Stage.Shadow));
        var (sent, then) = world.Play(Before(PromotionStep.Rollout));

        Assert.Equal(
            [
                "GetRegistry",
                "SetStage Canary v2",
                "GetExperiment",
                "CreateExperiment",
                "GetExperiment",
                "StartExperiment",
            ],
            sent
        );
        Assert.False(Assert.IsType<TakePromotionStep>(then).Rollout.Ended);

        Assert.Equal(
            ["GetRegistry", "SetStage Canary v2", "GetExperiment"],
            world.Play(Before(PromotionStep.Rollout)).Sent
        );
    }

    [Fact]
    public void A_winner_serves_once_its_rollout_is_over_and_only_from_where_it_was_seen()
    {
        var world = new World(Family("v1", Stage.Canary), ExperimentStatus.Running);
        var (sent, then) = world.Play(Before(PromotionStep.Serve));

        Assert.Equal(["GetExperiment", "RollBackExperiment", "GetRegistry", "SetStage Champion v2"], sent);
        Assert.Equal(Stage.Canary, world.Set!.From);
        Assert.Equal("v2", Assert.IsType<CompletePromotion>(then).VersionId);
    }

    [Theory]
    [InlineData("v1", Stage.Canary, "SetStage Retired v2")]
    [InlineData("v2", Stage.Champion, "SetStage Champion v1")]
    public void A_withdrawal_undoes_what_was_done(string champion, Stage stage, string undone)
    {
        var failed = Then(Before(PromotionStep.Rollout), Rollout(finding: Finding.Harm));
        var (sent, then) = Play(failed, Family(champion, stage));

        Assert.Equal(["GetExperiment", "GetRegistry", undone, "GetRegistry"], sent);
        Assert.Equal("v1", Assert.IsType<CompletePromotion>(then).VersionId);
    }

    [Fact]
    public void The_lineage_of_an_arm_becomes_a_version_first_and_only_once()
    {
        var won = Won(d => (d.Arms[1].VersionId, d.Arms[1].LineageId) = ("", "l-2"));
        var world = new World(new RegistryReply { Family = "f", ChampionVersionId = "v1" });

        var (sent, then) = world.Play(won);
        Assert.Equal(["CheckpointLineage", "GetRegistry", "RegisterVersion", "GetRegistry"], sent);
        Assert.True(Assert.IsType<TakePromotionStep>(then).Gate.Registered);

        Assert.Equal(["CheckpointLineage", "GetRegistry"], world.Play(won).Sent);
    }

    [Fact]
    public void Without_steps_the_champion_is_set_at_once()
    {
        var (sent, then) = Play(Won(plan: null), Family("v1", Stage.Candidate));

        Assert.Equal(["SetStage Champion v2"], sent);
        Assert.Equal("v2", Assert.IsType<CompletePromotion>(then).VersionId);
    }

    [Fact]
    public void Every_attempt_sends_the_same_command_ids_and_an_answer_to_something_else_is_none()
    {
        var (first, again) = (new PromotionAttempt(Before(PromotionStep.Shadow).State), Family("v1", Stage.Candidate));
        var look = Assert.IsType<PromotionMove.Send>(first.Next);
        var set = Assert.IsType<PromotionMove.Send>(first.Hear(look, again)!.Next);
        var other = new PromotionAttempt(Before(PromotionStep.Shadow).State).Hear(look, again)!;

        Assert.Equal(set.Message, Assert.IsType<PromotionMove.Send>(other.Next).Message);
        Assert.Null(first.Hear(look, new CommandReply()));
        Assert.Null(first.Hear(set, again));
        Assert.Null(first.Hear(set, null));
    }

    private static (string[] Sent, ICommand Then) Play(EntityCore<ExperimentState> test, RegistryReply family) =>
        new World(family).Play(test);

    private static RegistryReply Family(string champion, Stage stage) =>
        new()
        {
            Family = "f",
            ChampionVersionId = champion,
            Versions =
            {
                new ModelVersion { VersionId = "v2", Stage = stage },
            },
        };

    /// <summary>A registry, a lineage and a rollout that do what they are told.</summary>
    private sealed class World(RegistryReply family, ExperimentStatus rollout = ExperimentStatus.Unspecified)
    {
        private ExperimentStatus _rollout = rollout;

        public SetStage? Set { get; private set; }

        public (string[] Sent, ICommand Then) Play(EntityCore<ExperimentState> test)
        {
            var (attempt, sent) = (new PromotionAttempt(test.State), new List<string>());
            while (attempt.Next is PromotionMove.Send move)
            {
                Assert.True(sent.Count < 20, "it comes to no end");
                sent.Add(
                    move.Message is SetStage set
                        ? $"SetStage {set.Stage} {set.VersionId}"
                        : move.Message.Descriptor.Name
                );
                attempt = attempt.Hear(move, Answer(move.Message))!;
            }

            return ([.. sent], Assert.IsType<PromotionMove.Conclude>(attempt.Next).Command);
        }

        private IWireMessage? Answer(IWireMessage message)
        {
            switch (message)
            {
                case GetRegistry:
                    return family.Clone();
                case GetExperiment:
                    return _rollout == ExperimentStatus.Unspecified
                        ? null
                        : new ExperimentReply { ExperimentId = "t:rollout", Status = _rollout };
                case CheckpointLineage:
                    return new LineageReply
                    {
                        LineageId = "l-2",
                        VersionId = "v1",
                        Checkpoint = new ArtifactRef { Hash = "cafe" },
                    };
                case RegisterVersion registered:
                    family.Versions.Add(new ModelVersion { VersionId = registered.VersionId });
                    break;
                case SetStage set:
                    Set = set;
                    family.ChampionVersionId = set.Stage == Stage.Champion ? set.VersionId : family.ChampionVersionId;
                    break;
                case CreateExperiment:
                    _rollout = ExperimentStatus.Draft;
                    break;
                case StartExperiment:
                    _rollout = ExperimentStatus.Running;
                    break;
                case RollBackExperiment:
                    _rollout = ExperimentStatus.RolledBack;
                    break;
            }

            return new CommandReply { Outcome = CommandOutcome.Accepted };
        }
    }
}
