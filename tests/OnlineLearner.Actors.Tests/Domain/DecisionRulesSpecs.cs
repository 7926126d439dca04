using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

/// <summary>A decision is kept whole, with known chances, or not at all; and it changes nothing of its user.</summary>
public sealed class DecisionRulesSpecs
{
    public static TheoryData<string, string, Action<RecordDecision>> Bad =>
        new()
        {
            { "decision", "", c => c.Decision = null },
            { "decision.exposure_id", "", c => c.Decision.ExposureId = "" },
            { "decision.family", "two words", c => c.Decision.Family = "two words" },
            { "decision.version_id", "", c => c.Decision.VersionId = "" },
            { "decision.arm", "a b", c => c.Decision.Arm = "a b" },
            { "decision.exploration", "", c => c.Decision.Exploration = null },
            { "decision.exploration", "", c => c.Decision.Exploration = new Exploration() },
            { "decision.exploration.epsilon", "1.5", c => c.Decision.Exploration.Epsilon = 1.5 },
            { "decision.exploration.epsilon", "NaN", c => c.Decision.Exploration.Epsilon = double.NaN },
            { "decision.exploration.temperature", "0.001", c => c.Decision.Exploration.Temperature = 0.001 },
            { "decision.candidates", "0", c => c.Decision.Candidates.Clear() },
            { "decision.candidates[1].candidate_id", "c-0", c => c.Decision.Candidates[1].CandidateId = "c-0" },
            { "decision.candidates[1].candidate_id", "u-1", c => c.Decision.Candidates[1].CandidateId = "u-1" },
            { "decision.candidates[0].score", "", c => c.Decision.Candidates[0].ClearScore() },
            { "decision.candidates[0].score", "NaN", c => c.Decision.Candidates[0].Score = float.NaN },
            { "decision.candidates[2].propensity", "0", c => c.Decision.Candidates[2].ClearPropensity() },
            { "decision.candidates[2].propensity", "0", c => c.Decision.Candidates[2].Propensity = 0 },
            { "decision.candidates[2].propensity", "1.01", c => c.Decision.Candidates[2].Propensity = 1.01 },
            { "decision.candidates[2].propensity", "NaN", c => c.Decision.Candidates[2].Propensity = double.NaN },
            {
                "decision.candidates[0].look_alike",
                "3 bytes",
                c => c.Decision.Candidates[0].LookAlike = Google.Protobuf.ByteString.CopyFrom(1, 2, 3)
            },
            {
                "decision.candidates[0].features.age",
                "NaN",
                c => c.Decision.Candidates[0].Features = Given.Features(("age", double.NaN))
            },
            { "decision.user.age", "NaN", c => c.Decision.User = Given.Features(("age", double.NaN)) },
            { "decision.shown", "", c => c.Decision.ClearShown() },
            { "decision.shown", "0", c => c.Decision.Shown = 0 },
            { "decision.shown", "4", c => c.Decision.Shown = 4 },
            { "decision.occurred_at", "1969-12-31T23:59:59Z", c => c.Decision.OccurredAt = new() { Seconds = -1 } },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_decision_is_refused_by_field_value_and_rule(
        string field,
        string value,
        Action<RecordDecision> spoil
    )
    {
        var c = Decision();
        spoil(c);

        var refused = UserState.Empty("u-1").Decide(c, Given.Now);

        Assert.Empty(refused.Events);
        Assert.Equal(
            (RejectionCode.Invalid, field, value),
            (refused.Rejection!.Code, refused.Rejection.Field, refused.Rejection.Value)
        );
        Assert.StartsWith("must", refused.Rejection.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_a_frame_is_refused()
    {
        var c = Decision();
        c.Decision.Candidates[0].Features = new Features
        {
            Items =
            {
                Enumerable.Range(0, 17).Select(k => new Feature { Name = $"f{k}", Text = new string('x', 4_000) }),
            },
        };

        Assert.Equal("must be at most 65,536 bytes", UserState.Empty("u-1").Decide(c, Given.Now).Rejection!.Rule);
    }

    [Fact]
    public void A_decision_is_journaled_whole_and_changes_nothing()
    {
        var user = UserState.Empty("u-1");

        var recorded = Assert.IsType<DecisionRecorded>(Assert.Single(user.Decide(Decision(), Given.Now).Events));

        Assert.Equal(Given.Now, recorded.Decision.OccurredAt.ToDateTimeOffset());
        var told = recorded.Decision.Clone();
        told.OccurredAt = null;
        Assert.Equal(Decision().Decision, told);
        Assert.Same(user, user.Apply(recorded));
    }

    [Fact]
    public void Without_features_of_the_user_it_takes_the_profile_as_it_is_then()
    {
        var profile = Given.Features(("age", 40));
        var user = UserState.Empty("u-1").Apply(new ProfileUpdated { Profile = profile });
        var c = Decision();
        c.Decision.User = null;

        var recorded = Assert.IsType<DecisionRecorded>(Assert.Single(user.Decide(c, Given.Now).Events));

        Assert.Equal(profile, recorded.Decision.User);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1_000, 1e-9)]
    public void An_interaction_keeps_where_its_candidate_stood(int position, double propensity)
    {
        var c = Given.Interaction("i-1");
        (c.Position, c.Propensity) = (position, propensity);

        var sample = Recorded(c).Sample;

        Assert.Equal((position, propensity), (sample.Position, sample.Propensity));
        var none = Recorded(Given.Interaction("i-1")).Sample;
        Assert.Equal((false, false), (none.HasPosition, none.HasPropensity));
    }

    [Theory]
    [InlineData("position", 0, 0.5)]
    [InlineData("position", 1_001, 0.5)]
    [InlineData("propensity", 1, 0)]
    [InlineData("propensity", 1, 1.1)]
    [InlineData("propensity", 1, double.NaN)]
    public void A_place_or_a_chance_that_is_none_is_refused(string field, int position, double propensity)
    {
        var c = Given.Interaction("i-1");
        (c.Position, c.Propensity) = (position, propensity);

        var rejection = UserState.Empty("u-1").Decide(c, Given.Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (rejection.Code, rejection.Field));
    }

    private static InteractionRecorded Recorded(RecordInteraction c) =>
        Assert.IsType<InteractionRecorded>(Assert.Single(UserState.Empty("u-1").Decide(c, Given.Now).Events));

    private static RecordDecision Decision() =>
        new()
        {
            Header = new CommandHeader { CommandId = "d-1" },
            UserId = "u-1",
            Decision = new LoggedDecision
            {
                ExposureId = "t:1:r-1",
                Family = "city",
                VersionId = "v-1",
                ExperimentId = "t",
                Arm = "frozen",
                User = Given.Features(("age", 31)),
                Candidates =
                {
                    Enumerable
                        .Range(0, 3)
                        .Select(k => new LoggedCandidate
                        {
                            CandidateId = $"c-{k}",
                            Features = Given.Features(("age", 30 + k)),
                            Score = 0.5f,
                            Propensity = 0.5,
                        }),
                },
                Shown = 2,
                Exploration = new Exploration { Epsilon = 0.1 },
            },
        };
}
