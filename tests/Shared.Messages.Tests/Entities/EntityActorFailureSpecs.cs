using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>A journal that fails may cost an answer, never the truth of one.</summary>
public class EntityActorFailureSpecs() : RegionTestKit(idleAfter: null)
{
    [Fact]
    public async Task A_failed_write_is_answered_unavailable_under_the_commands_id()
    {
        await Journal.OnWrite.Fail();

        var reply = await Register(Region, "v-1", "c-1");

        Assert.Equal((CommandOutcome.Unavailable, "c-1"), (reply.Outcome, reply.CommandId));
        Assert.Empty(await Journaled());
    }

    [Fact]
    public async Task A_rejected_group_of_events_is_answered_unavailable_once()
    {
        await Register(Region, "v-1", "c-1");
        await Register(Region, "v-2", "c-2");
        await Ask(Region, Say.SetStage(Family, "v-1", Stage.Champion, "c-3"));
        await Journal.OnWrite.Reject();
        var probe = CreateTestProbe();
        var command = Say.SetStage(Family, "v-2", Stage.Champion, "c-4");

        Region.Tell(command, probe.Ref);
        var reply = await probe.ExpectMsgAsync<CommandReply>(Patience);
        await Journal.OnWrite.Pass();
        await RetryUntilDone(command);

        Assert.Equal((CommandOutcome.Unavailable, "c-4"), (reply.Outcome, reply.CommandId));
        Assert.False(probe.HasMessages);
        Assert.Equal("v-2", (await State(Region)).ChampionVersionId);
        Assert.Equal(5, (await Journaled()).Count);
    }

    [Fact]
    public async Task The_entity_comes_back_and_accepts_the_retry_under_the_same_id()
    {
        await Journal.OnWrite.Fail();
        await Register(Region, "v-1", "c-1");
        await Journal.OnWrite.Pass();

        Assert.Equal(CommandOutcome.Accepted, await RetryUntilDone(Say.Register(Family, "v-1", "c-1")));
        Assert.Single(await Journaled());
    }

    [Fact]
    public async Task A_recovery_that_fails_is_no_yes_and_the_entity_comes_back_with_the_journal()
    {
        await Register(Region, "v-0", "c-0");
        await Journal.OnWrite.Fail();
        await Register(Region, "v-1", "c-1");
        await Journal.OnRecovery.Fail();

        var meanwhile = await Try(Say.Register(Family, "v-1", "c-1"));
        Assert.True(meanwhile is null or CommandOutcome.Unavailable, $"{meanwhile}");
        await Journal.OnWrite.Pass();
        await Journal.OnRecovery.Pass();

        Assert.Equal(CommandOutcome.Duplicate, await RetryUntilDone(Say.Register(Family, "v-0", "c-0")));
        Assert.Equal(CommandOutcome.Accepted, await RetryUntilDone(Say.Register(Family, "v-1", "c-1")));
    }

    [Fact]
    public async Task A_flaky_journal_never_makes_an_accepted_command_vanish_or_double()
    {
        var writes = 0;
        await Journal.OnWrite.FailIf(_ => Interlocked.Increment(ref writes) % 3 == 0);
        string[] ids = [.. Enumerable.Range(1, 12).Select(i => $"v-{i}")];

        foreach (var id in ids)
        {
            await RetryUntilDone(Say.Register(Family, id, $"c-{id}"));
        }

        string[] stored = [.. (await Journaled()).Cast<VersionRegistered>().Select(e => e.VersionId)];
        Assert.Equal(ids, stored);
    }

    [Fact]
    public async Task A_region_that_shuts_down_waits_for_the_write_under_way()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);
        var region = Region;
        await WatchAsync(region);

        var writing = Register(region, "v-1", "c-1");
        await gate.Reached.Task.WaitAsync(Patience);
        region.Tell(Akka.Cluster.Sharding.GracefulShutdown.Instance);
        gate.Open.SetResult();

        Assert.Equal(CommandOutcome.Accepted, (await writing).Outcome);
        await ExpectTerminatedAsync(region, Patience);
    }
}
