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
    public void A_lineage_that_stands_still_keeps_only_its_own_samples_waiting()
    {
        var state = UserState.Empty("u-1");
        for (var i = 1; i <= 4_096; i++)
        {
            state = Apply(state, state.Decide(Given.Interaction($"i-{i}", label: 0, lineages: "still"), Now));
        }

        var full = state.Decide(Given.Interaction("more", lineages: ["moving", "still"]), Now).Rejection!;
        Assert.Equal((RejectionCode.Overloaded, "lineage_ids", "still"), (full.Code, full.Field, full.Value));
        Assert.False(state.Decide(Given.Interaction("other", lineages: "moving"), Now).IsRejected);
        Assert.False(state.Decide(Given.Interaction("default"), Now).IsRejected);
        Assert.False(state.Decide(Profile("p", Given.Features(("age", 40))), Now).IsRejected);
        // As after a restart from a snapshot.
        var restored = UserState.FromSnapshot("u-1", state.ToSnapshot());
        Assert.Equal(full, restored.Decide(Given.Interaction("more", lineages: ["moving", "still"]), Now).Rejection);
    }

    [Fact]
    public void A_named_lineage_that_nobody_opened_is_refused_by_name_with_those_there_are()
    {
        var facts = new LineageFacts(["b"], ["a", "c"]);

        var rejection = UserState
            .Empty("u-1")
            .Decide(Given.Interaction("i-1", lineages: ["a", "b"]), facts, Now)
            .Rejection!;

        Assert.Equal(
            (RejectionCode.NotFound, "lineage_ids[1]", "b", "must be an open lineage; there are a, c"),
            (rejection.Code, rejection.Field, rejection.Value, rejection.Rule)
        );
    }

    [Fact]
    public void At_most_twenty_lineages_are_told()
    {
        var facts = new LineageFacts([], [.. Enumerable.Range(10, 25).Select(i => $"l-{i}")]);

        Assert.EndsWith("l-28, l-29 and 5 more", facts.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_lineage_and_without_a_champion_it_is_kept_for_profile_and_seeds_and_the_answer_says_so()
    {
        var nobody = new LineageFacts(["champion"], []);
        var empty = UserState.Empty("u-1");

        var (liked, passed) = (
            empty.Decide(Given.Interaction("i-1"), nobody, Now),
            empty.Decide(Given.Interaction("i-2", label: 0), nobody, Now)
        );

        Assert.Equal((CommandNote.NoLineage, CommandNote.NoLineage), (liked.Note, passed.Note));
        Assert.Empty(((InteractionRecorded)liked.Events[0]).LineageIds);
        Assert.Equal(["u-2"], Apply(empty, liked).Untold.Keys);
        Assert.False(Apply(empty, passed).HasPending);
        Assert.Equal(1, Apply(empty, passed).LastSeq);
    }

    [Fact]
    public void A_candidate_that_does_not_answer_keeps_no_other_waiting_and_fills_only_its_own_room()
    {
        var state = UserState.Empty("u-1");
        for (var i = 1; i <= 256; i++)
        {
            state = Apply(state, state.Decide(Given.Interaction($"i-{i}", candidateId: "silent"), Now));
        }

        state = Apply(state, state.Decide(Given.Interaction("like", candidateId: "other"), Now));
        Assert.Equal(257, SeedOutbox.Next(state, "other", 500)!.SampleSeq);
        state = Apply(state, state.Decide(Learned(SeedOutbox.Destination, 257), Now));

        Assert.Equal(["silent"], state.Untold.Keys);
        Assert.Equal(1, SeedOutbox.Next(state, "silent", 500)!.SampleSeq);
        var full = state.Decide(Given.Interaction("more", candidateId: "silent"), Now).Rejection!;
        Assert.Equal((RejectionCode.Overloaded, "candidate_id", "silent"), (full.Code, full.Field, full.Value));
        Assert.False(state.Decide(Given.Interaction("no", candidateId: "silent", label: 0), Now).IsRejected);
        Assert.False(state.Decide(Given.Interaction("again", candidateId: "other"), Now).IsRejected);
    }

    [Fact]
    public void An_old_answer_of_the_candidates_covers_all_before_it()
    {
        var (state, _) = After(
            Given.Interaction("i-1", candidateId: "a"),
            Given.Interaction("i-2", candidateId: "b"),
            Given.Interaction("i-3", candidateId: "c"),
            Learned("champion", 3)
        );

        state = state.Apply(new SliceReleased { LineageId = SeedOutbox.Destination, ThroughSeq = 2 });

        Assert.Equal(["c"], state.Untold.Keys);
        Assert.Equal([3L], state.Buffer.Select(s => s.SampleSeq));
        Assert.Equal(state.Untold, UserState.FromSnapshot("u-1", state.ToSnapshot()).Untold);
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

    private static DeliveryAcknowledged Learned(string lineageId, long through) =>
        new()
        {
            Header = new CommandHeader { CommandId = "slice" },
            UserId = "u-1",
            Destination = lineageId,
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
