using Akka.Actor;
using Akka.Persistence.TestKit;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>A journal that fails may cost an answer, never the truth of one.</summary>
public class EntityActorFailureSpecs : ShelfTestKit
{
    private IActorRef Supervised(EntityOptions? options = null) =>
        Sys.ActorOf(EntityProps.Supervised(ShelfActor.Props(Family, options)));

    [Fact]
    public async Task A_failed_write_is_answered_unavailable_under_the_commands_id()
    {
        await Journal.OnWrite.Fail();

        var reply = await Register(Supervised(), "v-1", "c-1");

        Assert.Equal((CommandOutcome.Unavailable, "c-1"), (reply.Outcome, reply.CommandId));
        Assert.Empty(await Journaled());
    }

    [Fact]
    public async Task A_rejected_write_is_answered_unavailable_once_even_for_a_group_of_events()
    {
        var shelf = Supervised();
        await Register(shelf, "v-1", "c-1");
        await Register(shelf, "v-2", "c-2");
        await Ask(shelf, Say.SetStage(Family, "v-1", Stage.Champion, "c-3"));
        await Journal.OnWrite.Reject();
        var probe = CreateTestProbe();

        shelf.Tell(Say.SetStage(Family, "v-2", Stage.Champion, "c-4"), probe.Ref);
        var reply = await probe.ExpectMsgAsync<CommandReply>(Patience);
        await Journal.OnWrite.Pass();
        await RetryUntilDone(shelf, Say.SetStage(Family, "v-2", Stage.Champion, "c-4"));

        Assert.Equal((CommandOutcome.Unavailable, "c-4"), (reply.Outcome, reply.CommandId));
        await probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        Assert.Equal("v-2", (await State(shelf)).ChampionVersionId);
        Assert.Equal(5, (await Journaled()).Count);
    }

    [Fact]
    public async Task The_entity_comes_back_and_accepts_the_retry_under_the_same_id()
    {
        var shelf = Supervised();
        await Journal.OnWrite.Fail();
        await Register(shelf, "v-1", "c-1");
        await Journal.OnWrite.Pass();

        var outcome = await RetryUntilDone(shelf, Say.Register(Family, "v-1", "c-1"));

        Assert.Equal(CommandOutcome.Accepted, outcome);
        Assert.Single(await Journaled());
    }

    [Fact]
    public async Task While_it_is_away_senders_are_told_at_once()
    {
        var shelf = Supervised();
        await Journal.OnWrite.Fail();
        await Register(shelf, "v-1", "c-1");

        var replies = await Task.WhenAll(Enumerable.Range(2, 20).Select(i => Register(shelf, $"v-{i}", $"c-{i}")));

        Assert.All(replies, r => Assert.Equal(CommandOutcome.Unavailable, r.Outcome));
    }

    [Fact]
    public async Task A_journal_that_stored_the_event_but_lost_the_answer_makes_the_retry_a_duplicate()
    {
        var shelf = Supervised();
        await Register(shelf, "v-0", "c-0");
        await Journal.OnRecovery.Fail();
        await Journal.OnWrite.Fail();
        await Register(shelf, "v-1", "c-1");

        // A recovery that fails keeps it away; once the journal is whole again, so is the entity.
        Assert.Equal(CommandOutcome.Unavailable, (await Register(shelf, "v-1", "c-1")).Outcome);
        await Journal.OnWrite.Pass();
        await Journal.OnRecovery.Pass();

        Assert.Equal(CommandOutcome.Duplicate, await RetryUntilDone(shelf, Say.Register(Family, "v-0", "c-0")));
        Assert.Equal(CommandOutcome.Accepted, await RetryUntilDone(shelf, Say.Register(Family, "v-1", "c-1")));
    }

    [Fact]
    public async Task A_flaky_journal_never_makes_an_accepted_command_vanish_or_double()
    {
        var shelf = Supervised();
        var writes = 0;
        await Journal.OnWrite.FailIf(_ => Interlocked.Increment(ref writes) % 3 == 0);
        string[] ids = [.. Enumerable.Range(1, 6).Select(i => $"v-{i}")];

        foreach (var id in ids)
        {
            await RetryUntilDone(shelf, Say.Register(Family, id, $"c-{id}"));
        }

        string[] stored = [.. (await Journaled()).Cast<VersionRegistered>().Select(e => e.VersionId)];
        Assert.Equal(ids, stored);
    }

    [Fact]
    public async Task The_stop_message_ends_the_supervisor_too()
    {
        var shelf = Supervised();
        await Register(shelf, "v-1", "c-1");
        await WatchAsync(shelf);

        shelf.Tell(StopEntity.Instance);

        await ExpectTerminatedAsync(shelf, Patience);
    }

    [Fact]
    public async Task The_stop_message_ends_a_supervisor_whose_entity_is_away()
    {
        var shelf = Supervised();
        await Journal.OnWrite.Fail();
        await Register(shelf, "v-1", "c-1");
        await WatchAsync(shelf);

        shelf.Tell(StopEntity.Instance);

        await ExpectTerminatedAsync(shelf, Patience);
    }

    /// <summary>What every sender does: repeat the same command until it is known to be in the journal.</summary>
    private static async Task<CommandOutcome> RetryUntilDone(IActorRef shelf, ICommand command)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var reply = await shelf.Ask<CommandReply>(command, Patience, deadline.Token);
            if (reply.Outcome is CommandOutcome.Accepted or CommandOutcome.Duplicate)
            {
                return reply.Outcome;
            }

            Assert.Equal(CommandOutcome.Unavailable, reply.Outcome);
            await Task.Delay(20, deadline.Token);
        }
    }
}
