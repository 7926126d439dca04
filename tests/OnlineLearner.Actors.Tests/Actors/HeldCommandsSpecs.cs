using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>A positive interaction costs a row of the journal, and what follows from it stands in rows of others.</summary>
public sealed class HeldCommandsSpecs : IDisposable
{
    /// <summary>Longer than a spec waits: nothing is journaled for having waited long enough.</summary>
    private static readonly OnlineLearnerOptions Holding = LearningNode.Learner with
    {
        HoldFor = TimeSpan.FromMinutes(1),
    };

    private readonly Disk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Seeds_and_acknowledgements_stand_in_the_rows_of_interactions()
    {
        await using var node = await LearningNode.Start(_disk, learner: Holding);
        await node.Open(OnlineLearningSpecs.Open("champion", batchSize: 1));
        await node.Accepted<UserRegion>(Given.Interaction("like", "fan", "star"));

        await Eventually.Is(
            async () =>
            {
                await Pass(node, "star");
                return (await node.Audience("star")).Version == 1;
            },
            "the candidate journals its seed with an interaction of its own"
        );
        await Eventually.Is(
            async () =>
            {
                await Pass(node, "fan");
                return _disk.Journal("user-fan").OfType<SliceReleased>().Select(e => e.Alone).Distinct().Count() == 2;
            },
            "the user journals with its next interactions what the lineage and the candidate have taken"
        );

        Assert.All(
            _disk.Rows("user-fan").Concat(_disk.Rows("user-star")),
            row => Assert.Single(EventGroup.EventsOf(row).OfType<InteractionRecorded>())
        );
    }

    [Fact]
    public async Task What_is_held_is_journaled_before_a_user_leaves_memory()
    {
        var leaving = Holding with
        {
            IdleAfter = TimeSpan.FromMilliseconds(500),
            WakeEvery = TimeSpan.FromMilliseconds(300),
        };
        await using var node = await LearningNode.Start(_disk, learner: leaving);

        await node.Accepted<UserRegion>(Given.Interaction("like", "fan", "star"));

        await Eventually.Is(
            () => Task.FromResult(_disk.Journal("user-star").OfType<SeedAdded>().Any()),
            "the candidate leaves memory with its seed journaled"
        );
    }

    [Fact]
    public async Task What_is_lost_while_it_is_held_is_told_again()
    {
        await using (var node = await LearningNode.Start(_disk, learner: Holding))
        {
            await node.Accepted<UserRegion>(Given.Interaction("like", "fan", "star"));
            await node.Kill();
        }

        Assert.Empty(_disk.Journal("user-star"));
        await using var next = await LearningNode.Start(_disk);

        await Eventually.Is(async () => (await next.Audience("star")).Version == 1, "the candidate is told again");
        await Eventually.Is(async () => (await next.User("fan")).SamplesPending == 0, "the user lets go");
        Assert.Single(_disk.Journal("user-star").OfType<SeedAdded>());
    }

    [Fact]
    public async Task What_is_refused_or_known_is_answered_at_once_and_what_is_held_goes_on_waiting()
    {
        await using var node = await LearningNode.Start(_disk, learner: Holding);
        var pass = Given.Interaction("pass", "star", "nobody", label: 0);
        await node.Accepted<UserRegion>(pass);
        var users = node.Region<UserRegion>();
        var seed = users.Ask<DeliveryAcknowledged>(Given.Seed("fan", seq: 1, userId: "star"), Waiting.Patience);

        var refused = await users.Ask<CommandReply>(Given.Interaction("star", "star", "star"), Waiting.Patience);
        var known = await users.Ask<CommandReply>(pass, Waiting.Patience);

        Assert.Equal(CommandOutcome.Rejected, refused.Outcome);
        Assert.Equal(CommandOutcome.Duplicate, known.Outcome);
        Assert.False(seed.IsCompleted);
        Assert.Single(_disk.Rows("user-star"));
        await Pass(node, "star");
        Assert.Equal(1, (await seed).ThroughSeq);
        Assert.Equal(2, _disk.Rows("user-star").Count);
    }

    private int _passes;

    private Task Pass(LearningNode node, string userId) =>
        node.Accepted<UserRegion>(Given.Interaction($"pass-{++_passes}", userId, "nobody", label: 0));
}
