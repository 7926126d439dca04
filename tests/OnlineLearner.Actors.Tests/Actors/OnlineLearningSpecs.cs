using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
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

        var batches = _disk.Batches("champion");
        Assert.Equal(Ids(users: 5, each: 11), batches.SelectMany(b => b.Samples).Select(s => s.InteractionId).Order());
        await LearningNode.Eventually(
            () => Task.FromResult(node.Trainer.WeightsOf("champion") == ChainTrainer.WeightsOf(batches)),
            "the trainer has applied every batch"
        );
    }

    private static OpenLineage Open(string lineageId, int batchSize = 4, int checkpointEvery = 3) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"open-{lineageId}" },
            LineageId = lineageId,
            Family = "match",
            VersionId = "v1",
            Base = new ArtifactRef { Hash = new string('0', 64) },
            BatchSize = batchSize,
            CheckpointEvery = checkpointEvery,
        };

    private static Task Record(LearningNode node, int users, int each, params string[] lineages) =>
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

    private static IEnumerable<string> Ids(int users, int each) =>
        Enumerable.Range(1, users).SelectMany(u => Enumerable.Range(1, each).Select(i => $"u-{u}/{i:00}")).Order();

    private static async Task NothingPending(LearningNode node, int users)
    {
        for (var u = 1; u <= users; u++)
        {
            var userId = $"u-{u}";
            await LearningNode.Eventually(
                async () => (await node.User(userId)).SamplesPending == 0,
                $"{userId} lets go"
            );
        }
    }
}
