using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.OnlineLearner.Hosting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

public sealed class OnlineLearningSpecs : IDisposable
{
    private readonly Disk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Every_interaction_reaches_the_weights_once_and_users_let_go()
    {
        await using var node = await LearningNode.Start(_disk);
        await node.Open(Open("champion"));
        await Record(node, users: 5, each: 11);

        await NothingPending(node, users: 5);

        Assert.Equal(Ids(users: 5, each: 11), Learned("champion"));
        var weights = ChainTrainer.WeightsOf(_disk.Batches("champion"));
        await Eventually.Is(
            () => Task.FromResult(node.Trainer.WeightsOf("champion") == weights),
            "the trainer has applied every batch"
        );
    }

    [Fact]
    public async Task Each_lineage_learns_its_own_samples_only()
    {
        await using var node = await LearningNode.Start(_disk);
        await node.Open(Open("exp-1/a"));
        await node.Open(Open("exp-1/b"));
        await Record(node, users: 2, each: 6, "exp-1/a");
        await node.Accepted<UserRegion>(Given.Interaction("both", "u-1", "someone", 1, "exp-1/a", "exp-1/b"));
        await node.Accepted<UserRegion>(Given.Interaction("u-1/07", "u-1", "someone", 1, "exp-1/b"));

        await NothingPending(node, users: 2);

        Assert.Equal(["both", "u-1/07"], Learned("exp-1/b"));
        Assert.Equal(Ids(users: 2, each: 6).Prepend("both"), Learned("exp-1/a"));
    }

    [Fact]
    public async Task After_a_node_is_killed_users_go_on_without_a_new_command_and_nothing_is_lost_or_doubled()
    {
        for (var life = 1; life <= 4; life++)
        {
            await using var node = await LearningNode.Start(_disk);
            await node.Open(Open("champion"));
            // Users repeat what they sent in earlier lives, too, as an endpoint does after a time-out.
            await Record(node, users: 6, each: 5 * life);
            await node.Kill();
        }

        await using var last = await LearningNode.Start(_disk);
        await Eventually.Is(
            () => Task.FromResult(Learned("champion").Count() == 120),
            "users left with samples are woken and offer them"
        );

        Assert.Equal(Ids(users: 6, each: 20), Learned("champion"));
        await NothingPending(last, users: 6);
    }

    [Fact]
    public async Task Weights_after_three_kills_are_those_of_the_uninterrupted_run_bit_for_bit()
    {
        // One user and full batches only: what is in a batch then depends on nothing but the order of samples.
        var fullBatches = LearningNode.Lineages with
        {
            Lineage = LearningNode.Lineages.Lineage with { MaxWait = TimeSpan.FromHours(1) },
        };
        using var quiet = new Disk();
        await using (var node = await LearningNode.Start(quiet, fullBatches))
        {
            await node.Open(Open("champion"));
            await RecordInOrder(node, 1, 40);
            await NothingPending(node, users: 1);
        }

        var weights = "";
        for (var life = 0; life < 4; life++)
        {
            await using var node = await LearningNode.Start(_disk, fullBatches);
            await node.Open(Open("champion"));
            await RecordInOrder(node, 1, 10 * (life + 1));
            if (life < 3)
            {
                await node.Kill();
                continue;
            }

            await NothingPending(node, users: 1);
            var all = ChainTrainer.WeightsOf(_disk.Batches("champion"));
            await Eventually.Is(() => Task.FromResult(node.Trainer.WeightsOf("champion") == all), "all applied");
            weights = node.Trainer.WeightsOf("champion");
        }

        Assert.Equal(10, quiet.Batches("champion").Count);
        Assert.Equal(ChainTrainer.WeightsOf(quiet.Batches("champion")), weights);
    }

    [Fact]
    public async Task Every_candidate_knows_who_responded_well_once_also_after_kills()
    {
        for (var life = 1; life <= 3; life++)
        {
            await using var node = await LearningNode.Start(_disk);
            for (var k = 1; k <= 6 * life; k++)
            {
                var (user, candidate, label) = ($"fan-{k % 5}", $"star-{k % 3}", k % 4 == 0 ? 0 : 1);
                await node.Accepted<UserRegion>(Given.Interaction($"like-{k:00}", user, candidate, label));
            }

            // The last responses are journaled, and nobody has been told of them yet.
            await node.Kill();
        }

        await using var last = await LearningNode.Start(_disk);
        foreach (var star in Enumerable.Range(0, 3))
        {
            var fans = Enumerable.Range(1, 18).Where(k => k % 3 == star && k % 4 > 0).Select(k => $"fan-{k % 5}");
            var expected = fans.GroupBy(f => f, f => f, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Count());
            await Eventually.Is(
                async () => (await last.Audience($"star-{star}")).Version >= expected.Values.Sum(),
                "every response has been told"
            );
            var audience = await last.Audience($"star-{star}");
            Assert.Equal(expected.Values.Sum(), audience.Version);
            Assert.Equal(
                expected.Keys.Order(StringComparer.Ordinal),
                audience.Seeds.Select(s => s.UserId).Order(StringComparer.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Who_follows_audiences_hears_of_a_new_seed()
    {
        await using var node = await LearningNode.Start(_disk);
        using var inbox = Inbox.Create(node.System);
        DistributedPubSub
            .Get(node.System)
            .Mediator.Tell(new Subscribe(Topics.Audiences, inbox.Receiver), inbox.Receiver);
        Assert.IsType<SubscribeAck>(await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));

        await node.Accepted<UserRegion>(Given.Interaction("like", "fan", "star"));

        var changed = (AudienceChanged)await inbox.ReceiveAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("star", 1), (changed.UserId, changed.Version));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(14)]
    public async Task A_trainer_that_fails_and_forgets_is_given_the_same_batches_again(int message)
    {
        await using var node = await LearningNode.Start(_disk);
        node.Trainer.CrashAt(message);
        await node.Open(Open("champion"));
        await Record(node, users: 3, each: 12);
        await NothingPending(node, users: 3);

        Assert.Equal(Ids(users: 3, each: 12), Learned("champion"));
        var weights = ChainTrainer.WeightsOf(_disk.Batches("champion"));
        await Eventually.Is(
            () => Task.FromResult(node.Trainer.WeightsOf("champion") == weights),
            "a new session has all batches"
        );
    }

    [Fact]
    public async Task A_checkpoint_holds_everything_accepted_and_is_told_to_subscribers()
    {
        await using var node = await LearningNode.Start(_disk);
        using var inbox = Inbox.Create(node.System);
        DistributedPubSub
            .Get(node.System)
            .Mediator.Tell(new Subscribe(Topics.Lineages, inbox.Receiver), inbox.Receiver);
        Assert.IsType<SubscribeAck>(await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));
        await node.Open(Open("champion", checkpointEvery: 1000));
        Assert.Equal(0, ((LineageReply)await inbox.ReceiveAsync(TimeSpan.FromSeconds(10))).CheckpointBatchNr);
        await Record(node, users: 2, each: 8);
        await NothingPending(node, users: 2);

        var reply = await node.Region<LineageRegion>()
            .Ask<LineageReply>(
                new CheckpointLineage
                {
                    Header = new CommandHeader { CommandId = "now" },
                    LineageId = "champion",
                },
                TimeSpan.FromSeconds(10)
            );

        Assert.Equal(16, reply.SamplesAccepted);
        Assert.Equal(reply.BatchesAccepted, reply.CheckpointBatchNr);
        var weights = _disk.Artifacts[reply.Checkpoint.Hash];
        Assert.Equal(ChainTrainer.WeightsOf(_disk.Batches("champion")), Convert.ToHexStringLower(weights));
        Assert.Equal(reply, await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Samples_for_a_lineage_are_let_go_when_it_is_closed_and_later_ones_are_refused_by_its_name()
    {
        await using (var node = await LearningNode.Start(_disk))
        {
            await node.Open(Open("late"));
            await Record(node, users: 1, each: 4, "late");
            await NothingPending(node, users: 1);
            Assert.Equal(4, Learned("late").Count());

            // One waits when the lineage is closed.
            await node.Accepted<LineageRegion>(
                new TuneLineage
                {
                    Header = new CommandHeader { CommandId = "pause" },
                    LineageId = "late",
                    Paused = true,
                }
            );
            await Record(node, users: 1, each: 5, "late");
            await node.Accepted<LineageRegion>(
                new CloseLineage
                {
                    Header = new CommandHeader { CommandId = "end" },
                    LineageId = "late",
                    Reason = "done",
                }
            );
            await Refused(node);
        }

        await using var next = await LearningNode.Start(_disk);
        await NothingPending(next, users: 1);
        Assert.Equal(4, Learned("late").Count());
        Assert.Single(_disk.Journal("user-u-1").OfType<SliceReleased>(), e => e.Discarded);
        await Refused(next);

        static async Task Refused(LearningNode node)
        {
            CommandReply? reply = null;
            await Eventually.Is(
                async () =>
                {
                    reply = await node.Region<UserRegion>()
                        .Ask<CommandReply>(Given.Interaction("after", "u-2", "someone", 1, "late"), Waiting.Patience);
                    return reply.Outcome != CommandOutcome.Unavailable;
                },
                "the lineage answers"
            );
            Assert.Equal(
                (RejectionCode.NotFound, "lineage_ids[0]", "late"),
                (reply!.Rejection?.Code, reply.Rejection?.Field, reply.Rejection?.Value)
            );
        }
    }

    private IEnumerable<string> Learned(string lineageId) => Learned(_disk, lineageId);

    internal static IEnumerable<string> Learned(Disk disk, string lineageId) =>
        disk.Batches(lineageId).SelectMany(b => b.Samples).Select(s => s.InteractionId).Order(StringComparer.Ordinal);

    private static async Task RecordInOrder(LearningNode node, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            await node.Accepted<UserRegion>(Given.Interaction($"i-{i:00}", "u-1", "someone"));
        }
    }

    internal static ArtifactRef Base => new() { Hash = new string('0', 64) };

    internal static OpenLineage Open(string lineageId, int batchSize = 4, int checkpointEvery = 3) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"open-{lineageId}" },
            LineageId = lineageId,
            Family = "match",
            VersionId = "v1",
            Base = Base,
            BatchSize = batchSize,
            CheckpointEvery = checkpointEvery,
        };

    internal static Task Record(LearningNode node, int users, int each, params string[] lineages) =>
        Task.WhenAll(
            Enumerable
                .Range(1, users)
                .SelectMany(u => Enumerable.Range(1, each).Select(i => (User: $"u-{u}", Id: $"u-{u}/{i:00}")))
                .Select(x =>
                    node.Accepted<UserRegion>(
                        Given.Interaction(x.Id, x.User, candidateId: "someone", lineages: lineages)
                    )
                )
        );

    internal static IEnumerable<string> Ids(int users, int each) =>
        Enumerable
            .Range(1, users)
            .SelectMany(u => Enumerable.Range(1, each).Select(i => $"u-{u}/{i:00}"))
            .Order(StringComparer.Ordinal);

    internal static async Task NothingPending(LearningNode node, int users)
    {
        for (var u = 1; u <= users; u++)
        {
            var userId = $"u-{u}";
            await Eventually.Is(async () => (await node.User(userId)).SamplesPending == 0, $"{userId} lets go");
        }
    }
}
