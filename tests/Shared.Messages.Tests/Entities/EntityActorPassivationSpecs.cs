using RalmActors.Messages.Entities;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class EntityActorPassivationSpecs() : RegionTestKit(idleAfter: TimeSpan.FromMilliseconds(300))
{
    [Fact]
    public async Task An_idle_entity_leaves_memory_and_returns_with_state_and_command_ids()
    {
        await Register(Region, "v-1", "c-1");
        var before = await State(Region);
        Assert.Equal(1, await LivingEntities());

        await AwaitAssertAsync(async () => Assert.Equal(0, await LivingEntities()), Patience);

        Assert.Equal(before, await State(Region));
        Assert.Equal(CommandOutcome.Duplicate, (await Register(Region, "v-1", "c-1")).Outcome);
    }

    [Fact]
    public async Task An_entity_that_writes_longer_than_the_idle_time_still_answers()
    {
        var gate = new Gate();
        await Journal.OnWrite.SetInterceptorAsync(gate);

        var writing = Register(Region, "v-1", "c-1");
        await gate.Reached.Task.WaitAsync(Patience);
        await Task.Delay(TimeSpan.FromMilliseconds(900));
        gate.Open.SetResult();

        Assert.Equal(CommandOutcome.Accepted, (await writing).Outcome);
    }
}
