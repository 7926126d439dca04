using Akka.Actor;
using Akka.TestKit;
using Ralm.Models.Training;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class DeviceActorSpecs : TrainerTestKit
{
    private static readonly LineageSettings Settings = new()
    {
        Optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.01f },
    };

    [Fact]
    public async Task A_lineage_replayed_from_any_checkpoint_has_the_same_weights()
    {
        var artifact = await TrainedBase();
        var trainer = Trainer();
        var live = await Apply(trainer, "live", artifact, 0, 1, 6);
        for (var stop = 1; stop < 6; stop++)
        {
            var part = await Apply(trainer, $"part-{stop}", artifact, 0, 1, stop);

            var rest = await Apply(Trainer(), $"rest-{stop}", part, stop, stop + 1, 6);

            Assert.Equal(live.WeightsHash, rest.WeightsHash);
        }

        Assert.NotEqual(artifact.WeightsHash, live.WeightsHash);
    }

    [Fact]
    public async Task The_loss_told_is_that_of_the_weights_before_the_step()
    {
        var artifact = await TrainedBase();
        var probe = CreateTestProbe();
        var trainer = Trainer();
        var samples = Batch(1);
        foreach (var id in (string[])["l-1", "l-2"])
        {
            trainer.Tell(new OpenLineageSession(id, "s", artifact, Settings, 0), probe.Ref);
            await probe.ExpectMsgAsync<LineageSessionOpened>(Patience);
        }

        trainer.Tell(new ApplyBatch("l-1", "s", 1, samples), probe.Ref);
        var first = await probe.ExpectMsgAsync<BatchApplied>(Patience);
        trainer.Tell(new ApplyBatch("l-1", "s", 2, samples), probe.Ref);
        var second = await probe.ExpectMsgAsync<BatchApplied>(Patience);
        trainer.Tell(new ApplyBatch("l-2", "s", 1, samples), probe.Ref);
        var other = await probe.ExpectMsgAsync<BatchApplied>(Patience);

        Assert.Equal(first.MeanLossBeforeUpdate, other.MeanLossBeforeUpdate);
        Assert.True(second.MeanLossBeforeUpdate < first.MeanLossBeforeUpdate);
    }

    [Fact]
    public async Task A_sample_the_schema_cannot_encode_is_passed_over_and_the_others_are_learned()
    {
        var artifact = await TrainedBase();
        var bad = PlantedData.Sample(99);
        bad.User.Items[0].Text = "a word where a number was fitted";
        var infinite = PlantedData.Sample(98);
        infinite.Label = float.NaN;

        var clean = await Apply(Trainer(), "clean", artifact, Batch(1));
        var mixed = await Apply(Trainer(), "mixed", artifact, [bad, .. Batch(1), infinite]);
        var onlyBad = await Apply(Trainer(), "only-bad", artifact, [bad]);

        Assert.Equal(clean.WeightsHash, mixed.WeightsHash);
        Assert.Equal(artifact.WeightsHash, onlyBad.WeightsHash);
    }

    [Fact]
    public async Task A_batch_out_of_order_ends_its_session_and_no_other()
    {
        var artifact = await TrainedBase();
        var probe = CreateTestProbe();
        var trainer = Trainer();
        trainer.Tell(new OpenLineageSession("good", "s", artifact, Settings, 0), probe.Ref);
        trainer.Tell(new OpenLineageSession("bad", "s", artifact, Settings, 0), probe.Ref);
        trainer.Tell(new ApplyBatch("bad", "s", 2, Batch(2)), probe.Ref);
        trainer.Tell(new ApplyBatch("bad", "s", 1, Batch(1)), probe.Ref);
        trainer.Tell(new ApplyBatch("good", "s", 1, Batch(1)), probe.Ref);

        await probe.ExpectMsgAsync<LineageSessionOpened>(Patience);
        await probe.ExpectMsgAsync<LineageSessionOpened>(Patience);
        var failed = await probe.ExpectMsgAsync<LineageSessionFailed>(Patience);
        Assert.Contains("batch 2 does not follow batch 0", failed.Reason);
        Assert.Contains("no session", (await probe.ExpectMsgAsync<LineageSessionFailed>(Patience)).Reason);
        Assert.Equal("good", (await probe.ExpectMsgAsync<BatchApplied>(Patience)).LineageId);
    }

    [Fact]
    public async Task A_corrupt_artefact_is_refused_by_name_and_a_newer_session_replaces_an_older_one()
    {
        var artifact = await TrainedBase();
        var file = Path.Combine(Store.Folder, artifact.Hash + ".safetensors");
        var probe = CreateTestProbe();
        var trainer = Trainer();
        trainer.Tell(new OpenLineageSession("l", "old", artifact, Settings, 0), probe.Ref);
        await probe.ExpectMsgAsync<LineageSessionOpened>(Patience);
        trainer.Tell(new OpenLineageSession("l", "new", artifact, Settings, 0), probe.Ref);
        await probe.ExpectMsgAsync<LineageSessionOpened>(Patience);
        trainer.Tell(new CloseLineageSession("l", "old"), probe.Ref);
        trainer.Tell(new ApplyBatch("l", "old", 1, Batch(1)), probe.Ref);
        Assert.Equal("old", (await probe.ExpectMsgAsync<LineageSessionFailed>(Patience)).SessionId);
        trainer.Tell(new ApplyBatch("l", "new", 1, Batch(1)), probe.Ref);
        Assert.Equal("new", (await probe.ExpectMsgAsync<BatchApplied>(Patience)).SessionId);

        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
        trainer.Tell(new OpenLineageSession("l", "third", artifact, Settings, 0), probe.Ref);

        var failed = await probe.ExpectMsgAsync<LineageSessionFailed>(Patience);
        Assert.Contains(file, failed.Reason);
        Assert.Contains(artifact.Hash, failed.Reason);
    }

    [Fact]
    public async Task Batches_of_several_sessions_take_turns_while_one_validates()
    {
        var probe = CreateTestProbe();
        var trainer = Trainer(PlantedData.Open(64, 20_000));
        foreach (var id in (string[])["long", "short"])
        {
            var run = TrainingRules.Started(GivenRun.Start(id));
            trainer.Tell(new OpenTrainingSession(id, "s", run, null), probe.Ref);
            await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
        }

        trainer.Tell(new FinishEpoch("long", "s", 1, 0.5), probe.Ref);
        trainer.Tell(new TrainBatch("short", "s", 1, 0, [1, 2, 3]), probe.Ref);

        await probe.ExpectMsgAsync<BatchTrained>(Patience);
        await probe.ExpectMsgAsync<EpochFinished>(Patience);
    }

    private async Task<ArtifactRef> Apply(IActorRef trainer, string id, ArtifactRef from, long nr, int first, int last)
    {
        var probe = CreateTestProbe();
        trainer.Tell(
            new OpenLineageSession(id, "s", from, Settings, nr, nr == 0 ? LineageStart.Base : LineageStart.Checkpoint),
            probe.Ref
        );
        for (var batch = first; batch <= last; batch++)
        {
            trainer.Tell(new ApplyBatch(id, "s", batch, Batch(batch)), probe.Ref);
        }

        trainer.Tell(new WriteLineageCheckpoint(id, "s"), probe.Ref);
        var written = (LineageCheckpointWritten)
            await probe.FishForMessageAsync(m => m is LineageCheckpointWritten or LineageSessionFailed, Patience);
        Assert.Equal(last, written.BatchNr);
        return written.Checkpoint;
    }

    private async Task<ArtifactRef> Apply(IActorRef trainer, string id, ArtifactRef from, Sample[] batch)
    {
        var probe = CreateTestProbe();
        trainer.Tell(new OpenLineageSession(id, "s", from, Settings, 0), probe.Ref);
        trainer.Tell(new ApplyBatch(id, "s", 1, batch), probe.Ref);
        trainer.Tell(new WriteLineageCheckpoint(id, "s"), probe.Ref);
        return (
            (LineageCheckpointWritten)await probe.FishForMessageAsync(m => m is LineageCheckpointWritten, Patience)
        ).Checkpoint;
    }

    private static Sample[] Batch(int nr) => [.. Enumerable.Range(nr * 32, 32).Select(PlantedData.Sample)];
}
