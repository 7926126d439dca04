using Akka.Actor;
using Akka.Persistence;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>What senders hear while an entity cannot be read: an answer at once, by its name, until it can.</summary>
public class StandInSpecs() : RegionTestKit(idleAfter: null)
{
    private UnreadableEntities Unreadable => UnreadableEntities.Of(Sys);

    [Fact]
    public async Task It_answers_commands_and_queries_at_once_and_makes_room_for_the_entity()
    {
        await Register(Region, "v-1", "c-1");
        await WriteForeignEvent();
        await Stopped();
        var probe = CreateTestProbe();

        // The first sender's message goes down with the attempt; whoever comes next meets the stand-in.
        Region.Tell(new GetRegistry { Family = Family }, probe.Ref);
        await AwaitConditionAsync(() => Task.FromResult(Unreadable.Count == 1), Patience);
        var command = await Until(Say.Register(Family, "v-2", "c-2"));
        var query = await Until(new GetRegistry { Family = Family });

        Assert.Equal((CommandOutcome.Unavailable, "c-2"), (command.Outcome, command.CommandId));
        Assert.Equal((CommandOutcome.Unavailable, ""), (query.Outcome, query.CommandId));
        Assert.All(
            [command.Unreadable, query.Unreadable],
            e => Assert.Equal(("shelf", Family), (e.Region, e.EntityId))
        );
        Assert.Contains("BatchAccepted", command.Unreadable.Reason, StringComparison.Ordinal);

        await Journal.OnRecovery.Fail();
        await AwaitConditionAsync(() => Task.FromResult(Unreadable.All.Single().Attempts >= 2), Patience);
    }

    /// <summary>Asks until the stand-in is there to answer.</summary>
    private async Task<CommandReply> Until(IWireMessage message)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                var reply = await Region.Ask<CommandReply>(message, TimeSpan.FromMilliseconds(500), patience.Token);
                if (reply.Unreadable is not null)
                {
                    return reply;
                }
            }
            catch (AskTimeoutException)
            {
                // The attempt itself.
            }
        }
    }

    /// <summary>A failed write ends the shelf; its shard has heard of it, so that the next message starts it again.</summary>
    private async Task Stopped()
    {
        await Journal.OnWrite.Fail();
        await Register(Region, "v-3", "c-3");
        await Journal.OnWrite.Pass();
        await AwaitConditionAsync(async () => await LivingEntities() == 0, Patience);
    }

    /// <summary>An event that a shelf does not know, behind its own.</summary>
    private async Task WriteForeignEvent()
    {
        var journal = Persistence.Instance.Apply(Sys).JournalFor(string.Empty);
        var probe = CreateTestProbe();
        var foreign = new Persistent(
            new BatchAccepted { Header = new EventHeader { At = Timestamp.FromDateTimeOffset(Say.T0) } },
            2,
            PersistenceId,
            sender: probe.Ref,
            writerGuid: "another"
        );
        journal.Tell(new WriteMessages([new AtomicWrite(foreign)], probe.Ref, 1), probe.Ref);
        await probe.ExpectMsgAsync<WriteMessagesSuccessful>(Patience);
    }
}
