using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class InteractionRulesSpecs
{
    public static TheoryData<string, string, Action<RecordInteraction>> Bad =>
        new()
        {
            { "candidate_id", "", c => c.CandidateId = "" },
            { "candidate_id", "two words", c => c.CandidateId = "two words" },
            { "candidate_id", "u-1", c => c.CandidateId = "u-1" },
            { "exposure_id", "e 1", c => c.ExposureId = "e 1" },
            { "label", "-0.1", c => c.Label = -0.1f },
            { "label", "1.5", c => c.Label = 1.5f },
            { "label", "NaN", c => c.Label = float.NaN },
            { "label", "", c => c.ClearLabel() },
            { "score", "1.5", c => c.Score = 1.5f },
            { "score", "NaN", c => c.Score = float.NaN },
            { "weight", "0", c => c.Weight = 0 },
            { "weight", "101", c => c.Weight = 101 },
            { "weight", "NaN", c => c.Weight = float.NaN },
            { "label", "Infinity", c => c.Label = float.PositiveInfinity },
            { "occurred_at", "0s -1ns", c => c.OccurredAt = new Timestamp { Nanos = -1 } },
            { "occurred_at", "1969-12-31T23:59:59Z", c => c.OccurredAt = new Timestamp { Seconds = -1 } },
            {
                "occurred_at",
                "2026-01-01T00:05:01Z",
                c => c.OccurredAt = Timestamp.FromDateTimeOffset(Given.Now.AddSeconds(301))
            },
            { "lineage_ids[1]", "b!", c => c.LineageIds.Add(["a", "b!"]) },
            { "lineage_ids", "17", c => c.LineageIds.Add(Enumerable.Range(1, 17).Select(i => $"l-{i}")) },
            { "candidate.items[1].name", "", c => c.Candidate.Items.Add(new Feature { Number = 1 }) },
            { "candidate.items[1].name", "age", c => c.Candidate.Items.Add(new Feature { Name = "age", Number = 1 }) },
            { "candidate.height", "", c => c.Candidate.Items.Add(new Feature { Name = "height" }) },
            { "context.distance_km", "NaN", c => c.Context = Given.Features(("distance_km", double.NaN)) },
            { "user.age", "-Infinity", c => c.User = Given.Features(("age", double.NegativeInfinity)) },
            { "user.age", "1E+300", c => c.User = Given.Features(("age", 1e300)) },
            {
                "candidate.age",
                "-9007199254740994",
                c => c.Candidate = Given.Features(("age", -9_007_199_254_740_994))
            },
            { "look_alike", "3 bytes", c => c.LookAlike = ByteString.CopyFrom(1, 2, 3) },
            { "look_alike", "4 bytes", c => c.LookAlike = LookAlike() },
            { "look_alike", "9 bytes", c => c.LookAlike = ByteString.CopyFrom(new byte[9]) },
            { "look_alike", "260 bytes", c => c.LookAlike = LookAlike(new float[64]) },
            { "look_alike[1]", "1E+30", c => c.LookAlike = LookAlike(0, 1e30f) },
            { "look_alike[0]", "NaN", c => c.LookAlike = LookAlike(float.NaN) },
            { "look_alike[2]", "-8.01", c => c.LookAlike = LookAlike(8, -8, -8.01f) },
            { "context.here.latitude", "91", c => c.Context = At(91, 0) },
            { "context.here.longitude", "NaN", c => c.Context = At(0, double.NaN) },
            { "context.here.latitude", "", c => (c.Context = At(0, 0)).Items[0].Position.ClearLatitude() },
            { "context.here.longitude", "", c => (c.Context = At(0, 0)).Items[0].Position.ClearLongitude() },
            { "context", "257 features", c => c.Context = Many(257) },
            { "interaction", "17221 bytes", c => c.Context = Long(bytes: 16_900) },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_interaction_is_refused_by_field_value_and_rule(
        string field,
        string value,
        Action<RecordInteraction> spoil
    )
    {
        var c = Given.Interaction("i-1");
        spoil(c);

        var decision = UserState.Empty("u-1").Decide(c, Given.Now);

        Assert.Empty(decision.Events);
        Assert.Equal(
            (RejectionCode.Invalid, field, value),
            (decision.Rejection!.Code, decision.Rejection.Field, decision.Rejection.Value)
        );
        Assert.StartsWith("must", decision.Rejection.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(1f)]
    public void Labels_from_zero_to_one_are_good(float label) =>
        Assert.False(UserState.Empty("u-1").Decide(Given.Interaction("i-1", label: label), Given.Now).IsRejected);

    [Fact]
    public void A_profile_is_held_to_the_same_rules()
    {
        var missing = new UpdateProfile
        {
            Header = new CommandHeader { CommandId = "p" },
            UserId = "u-1",
        };
        var bad = missing.Clone();
        bad.Profile = Given.Features(("age", double.NaN));

        Assert.Equal("profile", UserState.Empty("u-1").Decide(missing, Given.Now).Rejection?.Field);
        Assert.Equal("profile.age", UserState.Empty("u-1").Decide(bad, Given.Now).Rejection?.Field);
    }

    [Fact]
    public void Look_alike_numbers_as_scores_give_them_and_large_numbers_of_people_are_good()
    {
        var c = Given.Interaction("i-1");
        c.LookAlike = LookAlike(3, -3, 0.3f, 8, -8);
        c.Candidate = Given.Features(("seen_at_us", 1_785_000_000_000_000), ("max", 9_007_199_254_740_992));

        Assert.False(UserState.Empty("u-1").Decide(c, Given.Now).IsRejected);
    }

    [Fact]
    public void A_response_from_before_numbers_were_bounded_is_still_told_to_the_candidate()
    {
        var seed = Given.Seed("fan");
        seed.Features = Given.Features(("age", 1e300));

        Assert.False(UserState.Empty("u-1").Decide(seed, Given.Now).IsRejected);
    }

    private static ByteString LookAlike(params float[] numbers) =>
        ByteString.CopyFrom([1, 2, 3, 4, .. numbers.SelectMany(BitConverter.GetBytes)]);

    private static Features At(double latitude, double longitude) =>
        new()
        {
            Items =
            {
                new Feature
                {
                    Name = "here",
                    Position = new Position { Latitude = latitude, Longitude = longitude },
                },
            },
        };

    private static Features Many(int count) =>
        Given.Features([.. Enumerable.Range(1, count).Select(i => ($"f-{i}", (double)i))]);

    private static Features Long(int bytes)
    {
        var texts = new TextList();
        for (var left = bytes; left > 0; left -= 200)
        {
            texts.Values.Add(new string('x', Math.Min(left, 200)));
        }

        return new Features
        {
            Items =
            {
                new Feature { Name = "words", Texts = texts },
            },
        };
    }
}
