using RalmActors.Messages.Cluster;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>Batches that cannot be learned, among others that can, whatever is killed.</summary>
public sealed class PoisonedLineageSpecs : IDisposable
{
    private readonly Disk _disk = new();

    public void Dispose() => _disk.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    public async Task What_cannot_be_learned_is_set_aside_once_and_all_else_reaches_the_weights(int crashAt)
    {
        for (var life = 1; life <= 3; life++)
        {
            await using var node = await LearningNode.Start(_disk);
            node.Trainer.CrashAt(crashAt * life);
            await Open(node);
            await Record(node, each: 6 * life);
            await node.Kill();
        }

        await using var last = await LearningNode.Start(_disk);
        await Eventually.Is(
            (0L, 0),
            async () => (await Pending(last), Unlearnable() - SetAside().Count),
            "everything is learned or set aside"
        );

        var reply = await last.Lineage("champion");
        Assert.Equal(SetAside().Distinct().Count(), SetAside().Count);
        Assert.InRange(reply.BatchesSetAside, 1, 100);
        await Eventually.Is(
            () =>
                Task.FromResult(
                    last.Trainer.WeightsOf("champion") == ChainTrainer.WeightsOf(_disk.Batches("champion"))
                ),
            "weights are those of the journal"
        );
        await Eventually.Is(
            async () =>
            {
                reply = await last.Lineage("champion");
                return reply.SamplesLearned + reply.SamplesSetAside == 4 * 18;
            },
            "every sample is accounted for"
        );
        Assert.Equal(4 * 18, reply.SamplesAccepted);
        Assert.All(reply.SetAside, b => Assert.All(b.Samples, s => Assert.InRange(s.SampleSeq, 1, 18)));
    }

    [Fact]
    public async Task No_checkpoint_is_journaled_before_what_was_set_aside_on_its_way()
    {
        await using var node = await LearningNode.Start(_disk);
        await Open(node);
        await Record(node, each: 18);
        await Eventually.Is(async () => await Pending(node) == 0, "nothing is pending");
        await Eventually.Is(() => Task.FromResult(Unlearnable() == SetAside().Count), "all are set aside");

        var poisoned = PoisonedBatches();
        foreach (var e in _disk.Journal("lineage-champion"))
        {
            switch (e)
            {
                case BatchSetAside aside:
                    poisoned.Remove(aside.BatchNr);
                    break;
                case LineageCheckpointed written:
                    Assert.DoesNotContain(poisoned, nr => nr <= written.BatchNr);
                    break;
            }
        }
    }

    private int Unlearnable() => PoisonedBatches().Count;

    private HashSet<long> PoisonedBatches() =>
        [.. _disk.Batches("champion").Where(b => b.Samples.Any(ChainTrainer.IsPoison)).Select(b => b.BatchNr)];

    private List<long> SetAside() =>
        [.. _disk.Journal("lineage-champion").OfType<BatchSetAside>().Select(e => e.BatchNr)];

    private static async Task<long> Pending(LearningNode node)
    {
        var users = await Task.WhenAll(Enumerable.Range(1, 4).Select(u => node.User($"u-{u}")));
        return users.Sum(u => u.SamplesPending);
    }

    private static Task Open(LearningNode node) =>
        node.Open(
            new OpenLineage
            {
                Header = new Messages.Entities.CommandHeader { CommandId = "open" },
                LineageId = "champion",
                Family = "match",
                VersionId = "v1",
                Base = new ArtifactRef { Hash = new string('0', 64) },
                BatchSize = 4,
                CheckpointEvery = 3,
            }
        );

    /// <summary>Every seventh interaction is poison.</summary>
    private static Task Record(LearningNode node, int each) =>
        Task.WhenAll(
            Enumerable
                .Range(1, 4)
                .SelectMany(u => Enumerable.Range(1, each).Select(i => (User: u, Nr: i)))
                .Select(x =>
                    node.Accepted<UserRegion>(
                        Given.Interaction(
                            $"u-{x.User}/{x.Nr:00}",
                            $"u-{x.User}",
                            ((5 * x.User) + x.Nr) % 7 == 0 ? ChainTrainer.Poison : "someone",
                            label: 0
                        )
                    )
                )
        );
}
