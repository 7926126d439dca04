using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>Somebody sets the clock back and ahead, between commands and between lives of the entity.</summary>
public class ClockSpecs : ShelfTestKit
{
    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromHours(-1),
        TimeSpan.FromDays(2),
        TimeSpan.FromDays(-3),
        TimeSpan.FromSeconds(-1),
        TimeSpan.FromDays(1),
    ];

    [Fact]
    public async Task What_was_acknowledged_is_there_once_in_the_order_it_was_acknowledged()
    {
        var clock = new SetClock(Say.T0);
        var shelf = Shelf(clock: clock);
        List<string> acknowledged = [];
        foreach (var (n, jump) in Jumps.Index())
        {
            for (var i = 0; i < 4; i++)
            {
                var id = $"v-{n}-{i}";
                Assert.Equal(CommandOutcome.Accepted, (await Register(shelf, id, $"c-{id}")).Outcome);
                acknowledged.Add(id);
            }

            // Its sender has not heard the answer, and sends it again after the jump, to this life and to the next one.
            clock.Now += jump;
            var last = acknowledged[^1];
            Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, last, $"c-{last}")).Outcome);
            await shelf.GracefulStop(Patience, StopEntity.Instance);
            shelf = Shelf(clock: clock);
            Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, last, $"c-{last}")).Outcome);
        }

        Assert.Equal(acknowledged, (await Journaled()).Cast<VersionRegistered>().Select(e => e.VersionId));
        Assert.Equal(acknowledged.Count, (await State(shelf)).Versions.Count);
    }

    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
