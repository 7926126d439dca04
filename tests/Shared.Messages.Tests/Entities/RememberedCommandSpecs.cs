using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>One id, one effect: after any number of other commands, after restarts, whatever the clock did.</summary>
public class RememberedCommandSpecs : ShelfTestKit
{
    private const int Others = 10_000;

    [Theory]
    [InlineData(200)]
    [InlineData(1_000_000)]
    public async Task A_command_after_ten_thousand_others_and_a_restart_is_a_duplicate(int snapshotEvery)
    {
        var options = new EntityOptions { SnapshotEvery = snapshotEvery };
        var shelf = Shelf(options);
        await Register(shelf, "v-1", "c-1");
        await Register(shelf, "v-2", "c-2");
        foreach (var some in Enumerable.Range(0, Others).Chunk(1_000))
        {
            await Task.WhenAll(some.Select(i => Ask(shelf, Other(i))));
        }

        var live = await Register(shelf, "v-2", "c-2");
        Assert.Equal(snapshotEvery == 200, await NewestSnapshot() is not null);
        shelf = await Restarted(shelf, options);

        Assert.Equal((CommandOutcome.Duplicate, 2), (live.Outcome, live.SequenceNr));
        Assert.Equal(live, await Register(shelf, "v-2", "c-2"));
        Assert.Equal(CommandOutcome.Rejected, (await Register(shelf, "v-3", "c-2")).Outcome);
        Assert.Equal(Others + 2, (await Journaled()).Count);

        static SetStage Other(int i) =>
            Say.SetStage(Family, "v-1", i % 2 == 0 ? Stage.Canary : Stage.Shadow, $"other-{i}");
    }

    [Fact]
    public async Task A_clock_set_ahead_and_back_changes_nothing()
    {
        var clock = new FakeTimeProvider(Say.T0);
        var shelf = Shelf(clock: clock);
        await Register(shelf, "v-1", "c-1");
        clock.SetUtcNow(Say.T0.AddDays(30));
        await Register(shelf, "v-2", "c-2");
        await shelf.GracefulStop(Patience, StopEntity.Instance);

        shelf = Shelf(clock: new FakeTimeProvider(Say.T0.AddHours(1)));
        await Register(shelf, "v-3", "c-3");

        Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, "v-1", "c-1")).Outcome);
        Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, "v-2", "c-2")).Outcome);
    }

    [Fact]
    public async Task A_command_sent_longer_ago_than_repetitions_are_recognised_is_refused()
    {
        var shelf = Shelf(clock: new FakeTimeProvider(Say.T0));
        var late = Say.Register(Family, "v-1", "c-1");
        late.Header.SentAt = Timestamp.FromDateTimeOffset(Say.T0.AddDays(-7).AddSeconds(-1));

        Assert.Equal(
            new Rejection
            {
                Code = RejectionCode.Invalid,
                Field = "header.sent_at",
                Value = "2025-12-26T03:04:04Z",
                Rule =
                    "must be less than 168 hours ago, for so long repetitions are recognised; "
                    + "what is still meant is a new command",
            },
            (await Ask(shelf, late)).Rejection
        );
        late.Header.SentAt.Seconds++;
        Assert.Equal(CommandOutcome.Accepted, (await Ask(shelf, late)).Outcome);
    }

    [Fact]
    public async Task A_command_that_is_recognised_may_have_been_sent_long_ago()
    {
        var clock = new FakeTimeProvider(Say.T0);
        var shelf = Shelf(clock: clock);
        var command = Say.Register(Family, "v-1", "c-1");
        command.Header.SentAt = Timestamp.FromDateTimeOffset(Say.T0);
        await Ask(shelf, command);
        clock.Advance(TimeSpan.FromDays(60));

        Assert.Equal(CommandOutcome.Duplicate, (await Ask(shelf, command)).Outcome);
    }

    [Fact]
    public async Task A_command_sent_in_the_future_is_taken()
    {
        var command = Say.Register(Family, "v-1", "c-1");
        command.Header.SentAt = Timestamp.FromDateTimeOffset(Say.T0.AddYears(1));

        Assert.Equal(CommandOutcome.Accepted, (await Ask(Shelf(clock: new FakeTimeProvider(Say.T0)), command)).Outcome);
    }

    [Fact]
    public async Task A_command_that_was_added_to_on_its_way_is_known_as_it_was_sent()
    {
        var shelf = Shelf();
        var sent = CommandDigest.Of(Say.Register(Family, "v-1", "c-1"));

        var first = await Ask(shelf, Completed(1));
        var second = await Ask(shelf, Completed(2));

        Assert.Equal((CommandOutcome.Accepted, CommandOutcome.Duplicate), (first.Outcome, second.Outcome));

        RegisterVersion Completed(int padding)
        {
            var command = Say.Register(Family, "v-1", "c-1", padding);
            command.Header.AsSent = sent;
            return command;
        }
    }

    [Fact]
    public async Task A_note_is_told_again_also_from_a_snapshot()
    {
        var options = new EntityOptions { SnapshotEvery = 1 };
        var shelf = Shelf(options);
        var first = await Register(shelf, ShelfState.Noted, "c-1");
        shelf = await Restarted(shelf, options);

        var again = await Register(shelf, ShelfState.Noted, "c-1");

        Assert.Equal((CommandNote.NoLineage, CommandNote.NoLineage), (first.Note, again.Note));
    }

    [Fact]
    public async Task A_command_that_changed_nothing_is_not_remembered()
    {
        var shelf = Shelf();
        await Register(shelf, "v-1", "c-1");
        await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Candidate, "c-2"));

        var later = await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Canary, "c-2"));

        Assert.Equal(CommandOutcome.Accepted, later.Outcome);
    }
}
