using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.TestKit;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class EntityActorSpecs : ShelfTestKit
{
    [Fact]
    public async Task A_command_is_accepted_only_after_the_journal_has_it()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var shelf = Shelf();

        var reply = Register(shelf, "v-1", "c-1");
        await gate.Reached.Task.WaitAsync(Patience);
        Assert.False(reply.IsCompleted);
        gate.Open.SetResult();

        Assert.Equal((CommandOutcome.Accepted, 1), ((await reply).Outcome, (await reply).SequenceNr));
        Assert.Single(await Journaled());
    }

    [Fact]
    public async Task The_event_says_who_caused_it_and_when()
    {
        var shelf = Shelf(clock: new FakeTimeProvider(Say.T0));

        await Register(shelf, "v-1", "c-1");

        var header = Assert.Single(await Journaled()).Header;
        Assert.Equal(
            ("story", "c-1", Say.T0),
            (header.CorrelationId, header.CausationId, header.At.ToDateTimeOffset())
        );
    }

    [Fact]
    public async Task A_command_without_a_story_starts_one_under_its_own_id()
    {
        var command = Say.Register(Family, "v-1", "c-1");
        command.Header.CorrelationId = "";

        await Ask(Shelf(), command);

        Assert.Equal("c-1", Assert.Single(await Journaled()).Header.CorrelationId);
    }

    [Fact]
    public async Task A_repeated_command_is_a_duplicate_told_what_the_first_was_and_leaves_no_event()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");
        await Register(shelf, "v-2", "c-2");

        var repeated = await Register(shelf, "v-1", "c-1");

        Assert.Equal((CommandOutcome.Duplicate, "c-1", 1), (repeated.Outcome, repeated.CommandId, repeated.SequenceNr));
        Assert.Equal(2, (await Journaled()).Count);
    }

    [Fact]
    public async Task The_same_id_with_another_body_is_refused_and_says_what_differs()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");

        var other = await Register(shelf, "v-2", "c-1");
        var otherCommand = await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Canary, "c-1"));

        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.Conflict,
                Field = "header.command_id",
                Value = "c-1",
                Rule = "was accepted before with another body: version_id differs",
            },
            other.Rejection
        );
        Assert.Equal("was accepted before as another command", otherCommand.Rejection.Rule);
        Assert.Single(await Journaled());
    }

    [Fact]
    public async Task A_duplicate_that_overtakes_the_reply_is_told_so_only_after_the_journal_has_the_first()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var shelf = Shelf();

        var first = Register(shelf, "v-1", "c-1");
        var second = Register(shelf, "v-1", "c-1");
        await gate.Reached.Task.WaitAsync(Patience);
        Assert.False(second.IsCompleted);
        gate.Open.SetResult();

        Assert.Equal(CommandOutcome.Accepted, (await first).Outcome);
        Assert.Equal(CommandOutcome.Duplicate, (await second).Outcome);
    }

    [Fact]
    public async Task A_command_whose_state_recognises_its_repetition_is_not_remembered()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");

        for (var i = 0; i < 20; i++)
        {
            var checkpoint = new CheckpointLineage { Header = Say.Header($"mark-{i % 2}"), LineageId = Family };
            Assert.Equal(CommandOutcome.Accepted, (await Ask(shelf, checkpoint)).Outcome);
        }

        shelf = await Restarted(shelf);
        Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, "v-1", "c-1")).Outcome);
        Assert.All((await Journaled()).Skip(1), e => Assert.True(e.Header.Idempotent));
    }

    [Fact]
    public async Task A_rejected_command_leaves_no_event_and_its_id_stays_free()
    {
        var shelf = Shelf();

        var tooEarly = await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Canary, "c-1"));
        Assert.Empty(await Journaled());
        await Register(shelf, "v-1", "c-2");
        var inTime = await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Canary, "c-1"));

        Assert.Equal(CommandOutcome.Rejected, tooEarly.Outcome);
        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.NotFound,
                Field = "version_id",
                Value = "v-1",
                Rule = "must be registered",
            },
            tooEarly.Rejection
        );
        Assert.Equal((CommandOutcome.Accepted, 2), (inTime.Outcome, inTime.SequenceNr));
    }

    [Fact]
    public async Task A_command_that_changes_nothing_is_accepted_without_an_event()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");

        var reply = await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Candidate, "c-2"));

        Assert.Equal((CommandOutcome.Accepted, 1), (reply.Outcome, reply.SequenceNr));
        Assert.Single(await Journaled());
    }

    [Fact]
    public async Task A_decision_of_two_events_is_one_write_and_one_reply()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");
        await Register(shelf, "v-2", "c-2");
        await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Champion, "c-3"));

        var reply = await Ask(shelf, Say.SetStage(Family, "v-2", Stage.Champion, "c-4"));

        Assert.Equal((CommandOutcome.Accepted, 4), (reply.Outcome, reply.SequenceNr));
        Assert.All((await Journaled()).TakeLast(2), e => Assert.Equal("c-4", e.Header.CausationId));
        Assert.Equal("v-2", (await State(shelf)).ChampionVersionId);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a b", "a b")]
    [InlineData("ä", "ä")]
    [InlineData("x\n", "x\n")]
    public async Task A_bad_command_id_is_refused_by_field_value_and_rule(string commandId, string named)
    {
        var reply = await Register(Shelf(), "v-1", commandId);

        Assert.Equal(CommandOutcome.Rejected, reply.Outcome);
        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.Invalid,
                Field = "header.command_id",
                Value = named,
                Rule = "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ / -",
            },
            reply.Rejection
        );
        Assert.Empty(await Journaled());
    }

    [Fact]
    public async Task A_command_id_may_have_128_characters_and_not_one_more()
    {
        var shelf = Shelf();

        var longest = await Register(shelf, "v-1", new string('x', 128));
        var tooLong = await Register(shelf, "v-2", new string('x', 129));

        Assert.Equal(CommandOutcome.Accepted, longest.Outcome);
        Assert.Equal(new string('x', 128) + "...", tooLong.Rejection.Value);
    }

    [Fact]
    public async Task A_command_without_a_header_is_refused_like_one_without_an_id()
    {
        var reply = await Ask(Shelf(), new RegisterVersion { Family = Family, VersionId = "v-1" });

        Assert.Equal("header.command_id", reply.Rejection.Field);
        Assert.Empty(await Journaled());
    }

    [Theory]
    [InlineData("header.correlation_id")]
    [InlineData("header.causation_id")]
    public async Task A_bad_id_elsewhere_in_the_header_is_refused_too(string field)
    {
        var command = Say.Register(Family, "v-1", "c-1");
        command.Header.CorrelationId = field == "header.correlation_id" ? "not good" : "";
        command.Header.CausationId = field == "header.causation_id" ? "not good" : "";

        var reply = await Ask(Shelf(), command);

        Assert.Equal((field, "not good"), (reply.Rejection.Field, reply.Rejection.Value));
    }

    [Fact]
    public async Task Recovery_gives_the_same_state_and_still_knows_the_command_ids()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");
        await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Shadow, "c-2"));
        var before = await State(shelf);

        shelf = await Restarted(shelf);

        Assert.Equal(before, await State(shelf));
        Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, "v-1", "c-1")).Outcome);
        Assert.Equal(
            CommandOutcome.Duplicate,
            (await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Shadow, "c-2"))).Outcome
        );
    }

    [Fact]
    public async Task A_stop_waits_for_what_is_being_written_and_for_what_came_before_it()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var shelf = Shelf();
        await WatchAsync(shelf);

        var writing = Register(shelf, "v-1", "c-1");
        var waiting = Register(shelf, "v-2", "c-2");
        shelf.Tell(StopEntity.Instance);
        await gate.Reached.Task.WaitAsync(Patience);
        gate.Open.SetResult();

        Assert.Equal(CommandOutcome.Accepted, (await writing).Outcome);
        Assert.Equal(CommandOutcome.Accepted, (await waiting).Outcome);
        await ExpectTerminatedAsync(shelf, Patience);
        Assert.Equal(2, (await Journaled()).Count);
    }

    [Fact]
    public async Task A_query_is_answered_from_what_is_journaled_and_applied()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var shelf = Shelf();

        var write = Register(shelf, "v-1", "c-1");
        var read = State(shelf);
        await gate.Reached.Task.WaitAsync(Patience);
        Assert.False(read.IsCompleted);
        gate.Open.SetResult();
        await write;

        Assert.Equal("v-1", Assert.Single((await read).Versions).VersionId);
    }
}

/// <summary>Holds the first write until it is opened.</summary>
public sealed class Gate : IJournalInterceptor
{
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task InterceptAsync(IPersistentRepresentation message)
    {
        Reached.TrySetResult();
        await Open.Task;
    }
}
