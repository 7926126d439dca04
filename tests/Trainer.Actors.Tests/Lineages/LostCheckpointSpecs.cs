using Akka;
using Akka.Actor;
using Akka.Streams.Dsl;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>Files are lost; what the journal has is not.</summary>
public sealed class LostCheckpointSpecs : TrainerTestKit
{
    private const string Id = "champion";
    private const int BatchSize = 8;

    public enum Damage
    {
        Flipped,
        CutShort,
        Emptied,
        Missing,
    }

    [Theory]
    [InlineData(Damage.Flipped, 1)]
    [InlineData(Damage.CutShort, 1)]
    [InlineData(Damage.Emptied, 2)]
    [InlineData(Damage.Missing, 2)]
    [InlineData(Damage.Missing, 3)]
    [InlineData(Damage.Flipped, 3)]
    public async Task Lost_checkpoints_are_made_anew_and_the_weights_are_the_same_bit_for_bit(Damage damage, int newest)
    {
        var (checkpoints, _) = await Learned(batches: 10);
        foreach (var checkpoint in checkpoints.TakeLast(newest))
        {
            Break(checkpoint.Checkpoint, damage);
        }

        var lineage = Start(Trainer());
        var reply = await Checkpoint(lineage, 11);

        Assert.Equal(await Uninterrupted(batches: 11), reply.Checkpoint.WeightsHash);
        Assert.Equal((11, ""), (reply.BatchesAccepted, (await Ask(lineage)).Problem));
        Assert.Equal(11 * BatchSize, reply.SamplesLearned);
        // It is there again.
        Store.Load(checkpoints[^1].Checkpoint);
    }

    [Fact]
    public async Task A_batch_set_aside_on_the_way_is_not_learned_when_the_checkpoint_is_made_anew()
    {
        var (checkpoints, _) = await Learned(batches: 9, poisoned: 5);
        foreach (var checkpoint in checkpoints)
        {
            Break(checkpoint.Checkpoint, Damage.Missing);
        }

        var lineage = Start(Trainer());
        var reply = await Checkpoint(lineage, 10);

        Assert.Equal(await Uninterrupted(batches: 10, poisoned: 5), reply.Checkpoint.WeightsHash);
        Assert.Equal((BatchSize, 9 * BatchSize), (reply.SamplesSetAside, reply.SamplesLearned));
        Store.Load(checkpoints[^1].Checkpoint);
    }

    [Fact]
    public async Task Killed_while_a_checkpoint_is_made_anew_it_is_made_anew_again()
    {
        var (checkpoints, _) = await Learned(batches: 9);
        foreach (var checkpoint in checkpoints)
        {
            Break(checkpoint.Checkpoint, Damage.Missing);
        }

        for (var stopAfter = 1; stopAfter <= 7; stopAfter += 3)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var trainer = Trainer();
            var killed = Start(trainer, StopsAfter(stopAfter, reached));
            killed.Tell(new GetLineage { LineageId = Id });
            await reached.Task.WaitAsync(Patience);
            Assert.Contains("anew", (await Ask(killed)).Problem);
            Sys.Stop(trainer);
            await killed.GracefulStop(Patience);
        }

        var reply = await Checkpoint(Start(Trainer()), 10);

        Assert.Equal(await Uninterrupted(batches: 10), reply.Checkpoint.WeightsHash);
        Store.Load(checkpoints[^1].Checkpoint);
    }

    [Fact]
    public async Task With_its_base_lost_too_a_lineage_says_so_once_and_learns_again_when_the_file_is_back()
    {
        var (checkpoints, start) = await Learned(batches: 6);
        var file = FileOf(start);
        var bytes = await File.ReadAllBytesAsync(file);
        foreach (var artifact in checkpoints.Select(c => c.Checkpoint).Append(start))
        {
            Break(artifact, Damage.Missing);
        }

        var lineage = Start(Trainer());
        Assert.NotEqual("", (await Ask(lineage)).Problem);
        await AwaitConditionAsync(
            async () => (await Ask(lineage)).Problem.Contains("cannot be made anew", StringComparison.Ordinal),
            Patience,
            Pause
        );
        Assert.Contains(start.Hash, (await Ask(lineage)).Problem);
        await File.WriteAllBytesAsync(file, bytes);

        var reply = await Checkpoint(lineage, 7);

        Assert.Equal(await Uninterrupted(batches: 7), reply.Checkpoint.WeightsHash);
        Assert.Equal("", (await Ask(lineage)).Problem);
    }

    [Fact]
    public async Task A_lineage_whose_base_is_lost_before_the_first_checkpoint_names_the_file()
    {
        var (_, start) = await Learned(batches: 2);
        Break(start, Damage.Flipped);

        var lineage = Start(Trainer());

        // The first answer, though nothing has been offered.
        Assert.Contains(start.Hash, (await Ask(lineage)).Problem);
    }

    /// <summary>Of a lineage with a checkpoint every 3 batches.</summary>
    private async Task<(List<LineageCheckpointed> Checkpoints, ArtifactRef Base)> Learned(int batches, int poisoned = 0)
    {
        var start = await RegisteredBase();
        var trainer = Trainer();
        var lineage = Start(trainer);
        await Accepted(lineage, Opening(Id, start));
        for (var nr = 1; nr <= batches; nr++)
        {
            await Offer(lineage, Id, nr, poisoned);
        }

        await AwaitConditionAsync(
            async () => (await Ask(lineage)).CheckpointBatchNr == batches / 3 * 3,
            Patience,
            Pause
        );
        Sys.Stop(trainer);
        await lineage.GracefulStop(Patience);
        var journal = await EventsOf($"lineage-{Id}");
        Assert.Equal(poisoned == 0 ? 0 : 1, journal.OfType<BatchSetAside>().Count());
        return ([.. journal.OfType<LineageCheckpointed>()], start);
    }

    private async Task<LineageReply> Checkpoint(IActorRef lineage, int batch)
    {
        await Offer(lineage, Id, batch, poisoned: 0);
        return await lineage.Ask<LineageReply>(Asking(Id), Patience);
    }

    /// <summary>The weights of a lineage that lost nothing.</summary>
    private async Task<string> Uninterrupted(int batches, int poisoned = 0)
    {
        var start = await RegisteredBase();
        var lineage = Start(Trainer(), id: "quiet");
        await Accepted(lineage, Opening("quiet", start));
        for (var nr = 1; nr <= batches; nr++)
        {
            await Offer(lineage, "quiet", nr, poisoned);
        }

        return (await lineage.Ask<LineageReply>(Asking("quiet"), Patience)).Checkpoint.WeightsHash;
    }

    private static CheckpointLineage Asking(string id) =>
        new()
        {
            Header = new CommandHeader { CommandId = "now" },
            LineageId = id,
        };

    private static async Task Offer(IActorRef lineage, string id, int nr, int poisoned)
    {
        var from = ((nr - 1) * BatchSize) + 1;
        var offer = Given.Offer("u-1", from, from + BatchSize - 1, id);
        foreach (var sample in offer.Samples)
        {
            sample.Sample = PlantedData.Sample((int)sample.SampleSeq).Clone();
            sample.Sample.Label = nr == poisoned ? 1e25f : sample.Sample.Label;
        }

        await lineage.Ask<DeliveryAcknowledged>(offer, Patience);
    }

    private static OpenLineage Opening(string id, ArtifactRef start)
    {
        var open = Given.Open(id, BatchSize, checkpointEvery: 3);
        open.Base = start;
        open.Optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.01f };
        return open;
    }

    private IActorRef Start(
        IActorRef trainer,
        Func<Source<IEvent, NotUsed>, Source<IEvent, NotUsed>>? through = null,
        string id = Id
    )
    {
        var options = new LineageOptions
        {
            ReopenAfter = TimeSpan.FromMilliseconds(50),
            MaxWait = TimeSpan.FromMilliseconds(50),
            KnownWithin = Patience,
        };
        Func<string, Source<IEvent, NotUsed>> journal = persistenceId =>
            (through ?? (events => events))(
                Source.FromTask(EventsOf(persistenceId)).ConcatMany(events => Source.From(events))
            );
        var regions = ActorRegistry;
        return Sys.ActorOf(
            Props.Create(() =>
                new LineageActor(id, options, TimeProvider.System, trainer, ActorRefs.Nobody, regions, journal)
            )
        );
    }

    /// <summary>The second reading comes to a halt behind so many batches.</summary>
    private static Func<Source<IEvent, NotUsed>, Source<IEvent, NotUsed>> StopsAfter(
        int batches,
        TaskCompletionSource reached
    )
    {
        var readings = 0;
        return events =>
            Source
                .Lazily(() =>
                {
                    if (Interlocked.Increment(ref readings) == 1)
                    {
                        return events;
                    }

                    var seen = 0;
                    return events.SelectAsync(
                        1,
                        async e =>
                        {
                            if (e is BatchAccepted && ++seen > batches)
                            {
                                reached.TrySetResult();
                                await Task.Delay(Timeout.Infinite);
                            }

                            return e;
                        }
                    );
                })
                .MapMaterializedValue(_ => NotUsed.Instance);
    }

    private Task<LineageReply> Ask(IActorRef lineage) =>
        lineage.Ask<LineageReply>(new GetLineage { LineageId = Id }, Patience);

    private string FileOf(ArtifactRef artifact) =>
        Directory.EnumerateFiles(Store.Folder).Single(f => f.Contains(artifact.Hash, StringComparison.Ordinal));

    private void Break(ArtifactRef artifact, Damage damage)
    {
        var file = FileOf(artifact);
        var bytes = File.ReadAllBytes(file);
        switch (damage)
        {
            case Damage.Flipped:
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case Damage.CutShort:
                File.WriteAllBytes(file, bytes[..^4]);
                break;
            case Damage.Emptied:
                File.WriteAllBytes(file, []);
                break;
            default:
                File.Delete(file);
                break;
        }
    }

    /// <summary>Which the registry has as every version.</summary>
    private async Task<ArtifactRef> RegisteredBase()
    {
        var start = await TrainedBase();
        ActorRegistry.TryRegister<RegistryRegion>(
            Sys.ActorOf(Props.Create(() => new AnyVersion(start))),
            overwrite: true
        );
        return start;
    }
}
