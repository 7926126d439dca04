using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

/// <summary>What a model's training data knew of a candidate, told when the model begins to serve.</summary>
public class BulkSeedSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly UserState Nobody = UserState.Empty("u-1");

    [Fact]
    public void Many_join_in_one_event_and_the_same_again_changes_nothing()
    {
        var seeds = Given.Seeds([("s-1", 10), ("s-2", 0), ("s-3", 30)]);

        var decision = Nobody.Decide(seeds, Now);
        var candidate = Nobody.Apply(Assert.Single(decision.Events));

        Assert.Equal(
            [("s-1", 10L, 1L), ("s-2", 0L, 2L), ("s-3", 30L, 3L)],
            candidate.Audience.Seeds.Select(s => (s.UserId, s.At.Seconds, s.Version))
        );
        Assert.Empty(candidate.Decide(seeds, Now).Events);
        Assert.Null(candidate.Decide(seeds, Now).Rejection);
    }

    [Fact]
    public void A_response_takes_the_place_of_what_training_data_said_which_can_only_tell_that_it_is_newer()
    {
        var candidate = After(Nobody, Given.Seeds([("s-1", 50)]), Given.Seed("s-1", seq: 1, at: 40));
        Assert.Equal((1, 50), (Seed(candidate, "s-1").SampleSeq, Seed(candidate, "s-1").At.Seconds));

        candidate = After(candidate, Given.Seeds([("s-1", 90)], age: 99));

        Assert.Equal((1, 90), (Seed(candidate, "s-1").SampleSeq, Seed(candidate, "s-1").At.Seconds));
        Assert.Equal(30, Assert.Single(Seed(candidate, "s-1").Features.Items).Number);
    }

    [Fact]
    public void Newer_training_data_renews_what_older_said_and_older_does_not()
    {
        var candidate = After(Nobody, Given.Seeds([("s-1", 50)], age: 30));
        Assert.Empty(candidate.Decide(Given.Seeds([("s-1", 40)], age: 29), Now).Events);

        candidate = After(candidate, Given.Seeds([("s-1", 50)], age: 31));

        Assert.Equal(31, Assert.Single(Seed(candidate, "s-1").Features.Items).Number);
    }

    [Fact]
    public void Only_the_newest_are_kept_and_responses_are_newer_than_what_has_no_time()
    {
        var candidate = After(
            Nobody,
            Given.Seed("s-9", at: 5, keep: 3),
            Given.Seeds([("s-1", 0), ("s-2", 7), ("s-3", 0), ("s-4", 6)], keep: 3)
        );

        Assert.Equal(["s-2", "s-4", "s-9"], candidate.Audience.Seeds.Select(s => s.UserId));
    }

    public static TheoryData<AddSeeds, string, string> Bad =>
        new()
        {
            { With(c => c.Seeds.Clear()), "seeds", "must be at least 1" },
            { With(c => c.Keep = 0), "keep", "must be 1 to 10,000" },
            { With(c => c.Seeds[1].UserId = "u-1"), "seeds[1].user_id", "must not be user_id" },
            { With(c => c.Seeds[1].UserId = "a b"), "seeds[1].user_id", Ids.Rule },
            {
                With(c => c.Seeds[0].Features.Items[0].Number = double.NaN),
                "seeds[0].features.age",
                "must be a number from -9,007,199,254,740,992 to 9,007,199,254,740,992"
            },
            {
                With(c => c.Seeds[0].Features.Items[0].Text = new string('x', 4_097)),
                "seeds[0].features.age",
                "must be at most 4,096 characters"
            },
            { With(c => c.Seeds.Add(Enumerable.Repeat(c.Seeds[0], 3_000))), "seeds", "must be at most 65,536 bytes" },
        };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void A_bad_one_is_refused_whole(AddSeeds seeds, string field, string rule)
    {
        var decision = Nobody.Decide(seeds, Now);

        Assert.Empty(decision.Events);
        Assert.Equal((field, rule), (decision.Rejection!.Field, decision.Rejection.Rule));
    }

    private static AddSeeds With(Action<AddSeeds> change)
    {
        var seeds = Given.Seeds([("s-1", 10), ("s-2", 20)]);
        change(seeds);
        return seeds;
    }

    private static Seed Seed(UserState state, string userId) => state.Audience.ByUser[userId].ToMessage();

    private static UserState After(UserState state, params ICommand[] commands) =>
        commands.Aggregate(state, (s, c) => s.Decide(c, Now).Events.Aggregate(s, (t, e) => t.Apply(e)));
}
