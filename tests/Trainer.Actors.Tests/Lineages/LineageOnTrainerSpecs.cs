using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>A lineage on a real trainer, both of them killed in the middle.</summary>
public sealed class LineageOnTrainerSpecs : TrainerTestKit
{
    private const int BatchSize = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Weights_after_a_crash_are_those_of_the_uninterrupted_run_bit_for_bit(int crashAfter)
    {
        var start = await TrainedBase();
        var (quiet, _) = await Learn(await Open("quiet", start, Trainer()), "quiet", 1, 10);

        var trainer = Trainer();
        var broken = await Open("broken", start, trainer);
        await Learn(broken, "broken", 1, crashAfter, checkpoint: false);
        Sys.Stop(trainer);
        await broken.GracefulStop(Patience);
        var (resumed, batches) = await Learn(Lineage("broken", Trainer()), "broken", crashAfter + 1, 10);

        Assert.Equal(10, batches);
        Assert.Equal(quiet.WeightsHash, resumed.WeightsHash);
        Assert.NotEqual(start.WeightsHash, resumed.WeightsHash);
    }

    // One batch after the other, so that batches are alike in both runs.
    private async Task<(ArtifactRef Checkpoint, long Batches)> Learn(
        IActorRef lineage,
        string id,
        int firstBatch,
        int lastBatch,
        bool checkpoint = true
    )
    {
        for (var batch = firstBatch; batch <= lastBatch; batch++)
        {
            var from = ((batch - 1) * BatchSize) + 1;
            var offer = Given.Offer("u-1", from, from + BatchSize - 1, id);
            foreach (var sample in offer.Samples)
            {
                sample.Sample = PlantedData.Sample((int)sample.SampleSeq);
            }

            var learned = await lineage.Ask<DeliveryAcknowledged>(offer, Patience);
            Assert.Equal(offer.ToSeq, learned.ThroughSeq);
        }

        if (!checkpoint)
        {
            return (new ArtifactRef(), 0);
        }

        var reply = await lineage.Ask<LineageReply>(
            new CheckpointLineage
            {
                Header = new CommandHeader { CommandId = "now" },
                LineageId = id,
            },
            Patience
        );
        return (reply.Checkpoint, reply.BatchesAccepted);
    }

    private async Task<IActorRef> Open(string id, ArtifactRef start, IActorRef trainer)
    {
        ActorRegistry.TryRegister<RegistryRegion>(
            Sys.ActorOf(Props.Create(() => new AnyVersion(start))),
            overwrite: true
        );
        var lineage = Lineage(id, trainer);
        var open = Given.Open(id, BatchSize, checkpointEvery: 3);
        open.Base = start;
        open.Optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.01f };
        await Accepted(lineage, open);
        return lineage;
    }

    private IActorRef Lineage(string id, IActorRef trainer)
    {
        var (options, regions) = (new LineageOptions { ReopenAfter = TimeSpan.FromMilliseconds(50) }, ActorRegistry);
        return Sys.ActorOf(
            Props.Create(() =>
                new LineageActor(
                    id,
                    options,
                    TimeProvider.System,
                    trainer,
                    ActorRefs.Nobody,
                    regions,
                    _ => Akka.Streams.Dsl.Source.Empty<IEvent>()
                )
            )
        );
    }
}
