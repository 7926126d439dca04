using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Domain;

public class UserStateSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Samples_are_numbered_from_one_without_gaps()
    {
        var (_, events) = After(Given.Interaction("i-1"), Given.Interaction("i-2"), Given.Interaction("i-3"));

        Assert.Equal([1, 2, 3], events.Cast<InteractionRecorded>().Select(e => e.SampleSeq));
    }

    [Fact]
    public void An_interaction_that_names_no_lineage_is_for_the_champion_and_one_named_twice_counts_once()
    {
        var (_, events) = After(Given.Interaction("i-1"), Given.Interaction("i-2", lineages: ["b", "a", "b"]));

        Assert.Equal(["champion"], ((InteractionRecorded)events[0]).LineageIds);
        Assert.Equal(["b", "a"], ((InteractionRecorded)events[1]).LineageIds);
    }

    [Fact]
    public void Without_features_of_its_own_an_interaction_takes_the_profile_as_it_is_then()
    {
        var profile = Given.Features(("age", 40));
        var own = Given.Interaction("i-2");
        own.User = Given.Features(("age", 41));

        var (_, events) = After(Profile("p-1", profile), Given.Interaction("i-1"), own);

        Assert.Equal(profile, ((InteractionRecorded)events[1]).Sample.User);
        Assert.Equal(own.User, ((InteractionRecorded)events[2]).Sample.User);
    }

    [Fact]
    public void An_interaction_without_a_time_happened_when_it_was_received()
    {
        var c = Given.Interaction("i-1");
        c.OccurredAt = null;

        Assert.Equal(Now, ((InteractionRecorded)After(c).Events[0]).Sample.OccurredAt.ToDateTimeOffset());
    }

    [Fact]
    public void A_sample_is_let_go_when_all_its_lineages_have_learned_it()
    {
        var sample = Given.Interaction("i-1", label: 0, lineages: ["a", "b"]);
        var (one, _) = After(sample, Learned("a", 1));
        var (both, _) = After(sample, Learned("a", 1), Learned("b", 1));

        Assert.Single(one.Buffer);
        Assert.Equal(["b"], one.PendingLineages);
        Assert.Empty(both.Buffer);
        Assert.False(both.HasPending);
    }

    [Fact]
    public void What_a_lineage_says_again_or_late_changes_nothing()
    {
        var (state, _) = After(Given.Interaction("i-1"), Given.Interaction("i-2"), Learned("champion", 2));

        Assert.Equal(Decision.Nothing, state.Decide(Learned("champion", 2), Now));
        Assert.Equal(Decision.Nothing, state.Decide(Learned("champion", 1), Now));
        Assert.Equal(Decision.Nothing, state.Decide(Learned("stranger", 0), Now));
    }

    [Fact]
    public void A_lineage_cannot_have_learned_what_was_never_meant_for_it()
    {
        var (state, _) = After(Given.Interaction("i-1", lineages: ["a"]), Given.Interaction("i-2", lineages: ["b"]));

        var rejection = state.Decide(Learned("a", 2), Now).Rejection!;

        Assert.Equal((RejectionCode.Conflict, "through_seq", "2"), (rejection.Code, rejection.Field, rejection.Value));
    }

    [Fact]
    public void The_same_profile_again_is_accepted_and_writes_nothing()
    {
        var profile = Given.Features(("age", 40));
        var (state, _) = After(Profile("p-1", profile));

        Assert.Equal(Decision.Nothing, state.Decide(Profile("p-2", profile), Now));
    }

    [Fact]
    public void A_full_buffer_sends_callers_away_until_something_is_learned()
    {
        var full = UserState.Empty("u-1");
        for (var i = 1; i <= 4_096; i++)
        {
            full = Apply(full, full.Decide(Given.Interaction($"i-{i}", label: 0), Now));
        }

        Assert.Equal(RejectionCode.Overloaded, full.Decide(Given.Interaction("more"), Now).Rejection?.Code);
        var relieved = Apply(full, full.Decide(Learned("champion", 1), Now));
        Assert.False(relieved.Decide(Given.Interaction("more"), Now).IsRejected);
    }

    [Fact]
    public void An_unknown_user_is_not_found_and_a_known_one_tells_its_marks()
    {
        var query = new GetUser { UserId = "u-1" };
        Assert.IsType<NotFoundReply>(UserState.Empty("u-1").Answer(query));

        var (state, _) = After(
            Given.Interaction("i-1", label: 0),
            Given.Interaction("i-2", label: 0),
            Learned("champion", 1)
        );
        var reply = Assert.IsType<UserReply>(state.Answer(query));

        Assert.Equal((2, 1), (reply.SamplesAccepted, reply.SamplesPending));
        Assert.Equal(
            new LineageMark
            {
                LineageId = "champion",
                WantedSeq = 2,
                LearnedSeq = 1,
            },
            Assert.Single(reply.Marks)
        );
    }

    private static UpdateProfile Profile(string id, Features profile) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            UserId = "u-1",
            Profile = profile,
        };

    private static SliceLearned Learned(string lineageId, long through) =>
        new()
        {
            Header = new CommandHeader { CommandId = "slice" },
            UserId = "u-1",
            LineageId = lineageId,
            ThroughSeq = through,
        };

    private static (UserState State, ImmutableArray<IEvent> Events) After(params ICommand[] commands)
    {
        var state = UserState.Empty("u-1");
        var events = ImmutableArray.CreateBuilder<IEvent>();
        foreach (var command in commands)
        {
            var decision = state.Decide(command, Now);
            Assert.False(decision.IsRejected, decision.Rejection?.ToString());
            events.AddRange(decision.Events);
            state = Apply(state, decision);
        }

        return (state, events.ToImmutable());
    }

    private static UserState Apply(UserState state, Decision decision) =>
        decision.Events.Aggregate(state, (s, e) => s.Apply(e));
}
