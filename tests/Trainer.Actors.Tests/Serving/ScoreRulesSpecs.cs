using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Serving;

/// <summary>A score is asked by the rules that profiles, interactions and tables keep, to the letter.</summary>
public sealed class ScoreRulesSpecs
{
    public static TheoryData<string, Action<Score>> Bad() =>
        new()
        {
            { "user.age", s => s.User.Items.Add(Number("age", double.NaN)) },
            { "user.age", s => s.User.Items.Add(Number("age", double.PositiveInfinity)) },
            { "candidates[2].features.x", s => s.Candidates[2].Features.Items.Add(Number("x", 1e300)) },
            { "candidates[1].context.home.latitude", s => s.Candidates[1].Context.Items.Add(At(200, 0)) },
            { "user.home.longitude", s => s.User.Items.Add(At(0, -181)) },
            { "user.items[3].name", s => s.User.Items.Add(s.User.Items[0]) },
            { "user.note", s => s.User.Items.Add(new Feature { Name = "note", Text = new string('x', 5_000) }) },
            { "user.empty", s => s.User.Items.Add(new Feature { Name = "empty" }) },
            { "candidates[0].candidate_id", s => s.Candidates[0].CandidateId = s.UserId },
            { "candidates[0].candidate_id", s => s.Candidates[0].CandidateId = "josé" },
            { "exploration", s => s.Exploration = new Exploration() },
            { "exploration.epsilon", s => s.Exploration = new Exploration { Epsilon = -0.1 } },
            { "exploration.epsilon", s => s.Exploration = new Exploration { Epsilon = double.NaN } },
            { "exploration.temperature", s => s.Exploration = new Exploration { Epsilon = 1, Temperature = 101 } },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_breaks_a_rule_is_refused_by_its_field(string field, Action<Score> breakRule)
    {
        var request = GivenServing.Request();
        Assert.Null(ScoreRules.Check(request));

        breakRule(request);

        Assert.Equal(
            (RejectionCode.Invalid, field),
            (ScoreRules.Check(request)!.Code, ScoreRules.Check(request)!.Field)
        );
    }

    [Fact]
    public void Of_many_features_too_none_comes_twice()
    {
        var features = new Features { Items = { Enumerable.Range(0, 40).Select(k => Number($"f{k}", k)) } };
        Assert.Null(FeatureRules.Check("user", features));

        features.Items.Add(Number("f7", 0));

        Assert.Equal("user.items[40].name", FeatureRules.Check("user", features)!.Field);
    }

    private static Feature Number(string name, double value) => new() { Name = name, Number = value };

    private static Feature At(double latitude, double longitude) =>
        new()
        {
            Name = "home",
            Position = new Position { Latitude = latitude, Longitude = longitude },
        };
}
