using System.Collections.Concurrent;
using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>An entity that asks to leave memory and is given something to do meanwhile.</summary>
public class LeavingEntitySpecs() : RegionTestKit(idleAfter: null)
{
    private readonly ConcurrentQueue<int> _readyWith = new();

    protected override Props ShelfOf(string family) => Props.Create(() => new LeavingShelf(family, _readyWith));

    [Fact]
    public async Task What_it_accepts_while_it_leaves_is_taken_up_without_anybody_asking()
    {
        // Empty, it asks to leave as soon as it is there, and the command that woke it is already in its mailbox.
        Assert.Equal(CommandOutcome.Accepted, (await Register(Region, "v-1", "c-1")).Outcome);

        await Eventually.Is(() => _readyWith.Contains(1));
        Assert.Equal(1, await LivingEntities());
    }

    /// <summary>Leaves while it has no version; tells with how many each incarnation begins.</summary>
    private sealed class LeavingShelf(string family, ConcurrentQueue<int> readyWith)
        : EntityActor<ShelfState>("shelf", family, new EntityOptions(), TimeProvider.System)
    {
        protected override void OnReady()
        {
            readyWith.Enqueue(State.Stages.Count);
            if (State.Stages.IsEmpty)
            {
                LeaveMemory();
            }
        }
    }
}
