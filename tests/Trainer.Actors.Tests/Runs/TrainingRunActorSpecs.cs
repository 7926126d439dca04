using Akka.Actor;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class TrainingRunActorSpecs : TrainerTestKit
{
    [Fact]
    public async Task The_libraries_alone_come_to_the_same_weights()
    {
        var start = GivenRun.Start("alone");
        var version = await RegisteredBy(Run("alone", Trainer()), start);

        var model = ModelTraining.Run(PlantedData.Open(), start.Config);
        Assert.Equal(version.Artifact.WeightsHash, model.Artifact.WeightsHash);
    }

    [Fact]
    public async Task A_run_trains_all_epochs_and_hands_its_best_version_to_the_registry()
    {
        var run = Run("run-1", Trainer());

        var version = await RegisteredBy(run, GivenRun.Start());

        var events = await JournaledUntil<VersionHandedOver>("run-1");
        var epochs = events.OfType<EpochCompleted>().ToArray();
        Assert.Equal([1, 2, 3], epochs.Select(e => e.Epoch));
        Assert.Equal(epochs.MaxBy(e => e.ValidAuc)!.Checkpoint, version.Artifact);
        Assert.Equal(("city", "v-run-1", PlantedData.Schema.Id), (version.Family, version.VersionId, version.SchemaId));
        Assert.Equal("training-run/run-1", version.ProducedBy);
        Assert.Equal(version.Artifact.WeightsHash, Store.Load(version.Artifact).WeightsHash);
        Assert.All(events, e => Assert.Equal("c-1", e.Header.CorrelationId));
    }

    [Fact]
    public async Task A_run_killed_at_any_message_ends_with_the_weights_of_the_uninterrupted_one()
    {
        var data = PlantedData.Open(testRows: 60);
        var trainer = Trainer(data);
        var whole = await RegisteredBy(Run("whole", trainer), GivenRun.Start("whole"));
        // Open, then 4 batches and a validation per epoch, then the evaluation.
        const int All = 1 + (3 * 5) + 1;
        for (var messages = 0; messages <= All; messages++)
        {
            var id = $"killed-after-{messages}";
            var observer = CreateTestProbe();
            var first = Run(id, Sys.ActorOf(Relay.Props(Trainer(data), messages, observer.Ref)));
            await Accepted(first, GivenRun.Start(id));
            if (messages < All)
            {
                await observer.ExpectMsgAsync<Relay.Dead>(Patience);
            }

            await Stop(first);
            var before = await Journaled(id);
            var second = Run(id, trainer);

            var version = await Registration(second);
            Assert.Equal(whole.Artifact, version.Artifact);
            var after = await JournaledUntil<VersionHandedOver>(id);
            Assert.Equal(before, after.Take(before.Count));
            Assert.Equal([1, 2, 3], after.OfType<EpochCompleted>().Select(e => e.Epoch));
            Assert.Single(after.OfType<TrainingCompleted>());
            Assert.Single(after.OfType<VersionEvaluated>());
            Assert.Equal(whole.Metrics, version.Metrics);
            Assert.Equal(
                whole.Metrics,
                after
                    .OfType<TrainingCompleted>()
                    .Single()
                    .Metrics.Concat(after.OfType<VersionEvaluated>().Single().Metrics)
            );
        }
    }

    [Fact]
    public async Task Several_runs_at_once_end_with_the_weights_each_has_alone()
    {
        var alone = await RegisteredBy(Run("alone", Trainer()), GivenRun.Start("alone"));
        var trainer = Trainer();
        var ids = Enumerable.Range(0, 5).Select(k => $"together-{k}").ToArray();

        foreach (var id in ids)
        {
            await Accepted(Run(id, trainer), GivenRun.Start(id, seed: id == "together-3" ? 8UL : 7UL));
        }

        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var _ in ids)
        {
            var version = await Registration();
            hashes[version.VersionId] = version.Artifact.WeightsHash;
        }

        Assert.Equal(4, hashes.Count(h => h.Value == alone.Artifact.WeightsHash));
        Assert.NotEqual(alone.Artifact.WeightsHash, hashes["v-together-3"]);
    }

    [Fact]
    public async Task A_wrong_dataset_ends_the_run_with_both_hashes_named()
    {
        var asked = new string('e', 64);
        var run = Run("run-1", Trainer());

        await Accepted(run, GivenRun.Start(hash: asked));

        var failed = (TrainingFailed)(await JournaledUntil<TrainingFailed>("run-1"))[^1];
        Assert.Contains(asked, failed.Reason);
        Assert.Contains(PlantedData.Hash, failed.Reason);
    }

    [Fact]
    public async Task A_cancelled_run_journals_no_epoch_any_more_and_drops_late_answers()
    {
        var trainer = CreateTestProbe();
        var run = Run("run-1", trainer.Ref);
        await Accepted(run, GivenRun.Start());
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);

        await Accepted(run, GivenRun.Cancel());
        run.Tell(new TrainingSessionOpened("run-1", open.SessionId, 200));
        run.Tell(new EpochFinished("run-1", open.SessionId, GivenRun.Epoch(1, 0.9)));

        Assert.Equal(RunStatus.Cancelled, (await State(run, "run-1")).Status);
        await trainer.ExpectMsgAsync<CloseTrainingSession>(Patience);
        await trainer.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        Assert.IsType<TrainingCancelled>((await Journaled("run-1"))[^1]);
    }

    [Fact]
    public async Task A_run_paused_in_the_middle_of_an_epoch_keeps_still_over_a_restart_and_resumes_to_the_same_weights()
    {
        var whole = await RegisteredBy(Run("whole", Trainer()), GivenRun.Start("whole"));
        var observer = CreateTestProbe();
        // Open, an epoch, and half of the next.
        var first = Run("paused", Sys.ActorOf(Relay.Props(Trainer(), 8, observer.Ref)));
        await Accepted(first, GivenRun.Start("paused"));
        await observer.ExpectMsgAsync<Relay.Dead>(Patience);
        await Accepted(first, GivenRun.Pause("paused"));
        await Stop(first);

        var probe = CreateTestProbe();
        var again = Run("paused", probe.Ref);
        Assert.Equal(RunStatus.Paused, (await State(again, "paused")).Status);
        await probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        await Stop(again);
        var last = Run("paused", Trainer());
        await Accepted(last, GivenRun.Resume("paused"));

        Assert.Equal(whole.Artifact, (await Registration()).Artifact);
        var epochs = (await JournaledUntil<VersionHandedOver>("paused")).OfType<EpochCompleted>();
        Assert.Equal([1, 2, 3], epochs.Select(e => e.Epoch));
    }

    [Fact]
    public async Task A_paused_run_gives_its_place_up_and_drops_late_answers()
    {
        var trainer = CreateTestProbe();
        var run = Run("run-1", trainer.Ref);
        await Accepted(run, GivenRun.Start());
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);

        await Accepted(run, GivenRun.Pause());
        await trainer.ExpectMsgAsync<CloseTrainingSession>(Patience);
        await Accepted(run, GivenRun.Resume());
        var second = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);
        run.Tell(new EpochFinished("run-1", open.SessionId, GivenRun.Epoch(1, 0.9)));

        Assert.NotEqual(open.SessionId, second.SessionId);
        Assert.Empty((await State(run, "run-1")).Epochs);
    }

    [Fact]
    public async Task A_run_that_waits_for_a_place_is_not_given_up_and_asks_again()
    {
        var trainer = CreateTestProbe();
        var options = new TrainingRunOptions { TrainerSilence = TimeSpan.FromMilliseconds(50), MaxAttempts = 1 };
        var run = Run("run-1", trainer.Ref, options);
        await Accepted(run, GivenRun.Start());
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);
        run.Tell(new TrainingSessionWaiting("run-1", open.SessionId, 3));

        var again = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);

        Assert.Equal(open.SessionId, again.SessionId);
        var state = await State(run, "run-1");
        Assert.Equal((RunStatus.Training, 3), (state.Status, state.Progress.QueuePlace));
    }

    [Fact]
    public async Task A_hundred_runs_at_once_all_end_with_the_weights_each_has_alone()
    {
        var alone = await RegisteredBy(Run("alone", Trainer()), GivenRun.Start("alone", maxEpochs: 1));
        var trainer = Trainer(PlantedData.Open());
        for (var k = 0; k < 100; k++)
        {
            await Accepted(Run($"run-{k}", trainer), GivenRun.Start($"run-{k}", maxEpochs: 1));
        }

        for (var k = 0; k < 100; k++)
        {
            Assert.Equal(alone.Artifact, (await Registration()).Artifact);
        }
    }

    [Fact]
    public async Task Batches_in_flight_are_bounded_and_progress_can_be_asked_for()
    {
        var trainer = CreateTestProbe();
        var run = Run("run-1", trainer.Ref, new TrainingRunOptions { BatchesInFlight = 2 });
        await Accepted(run, GivenRun.Start());
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);

        run.Tell(new TrainingSessionOpened("run-1", open.SessionId, 200));
        await trainer.ExpectMsgAsync<TrainBatch>(Patience);
        await trainer.ExpectMsgAsync<TrainBatch>(Patience);
        await trainer.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        run.Tell(new BatchTrained("run-1", open.SessionId, 1, 0, 64, 0.75));
        var third = await trainer.ExpectMsgAsync<TrainBatch>(Patience);

        Assert.Equal((1, 2, 64), (third.Epoch, third.Batch, third.Rows.Length));
        var progress = (await State(run, "run-1")).Progress;
        Assert.Equal((1, 1, 4, 0.75), (progress.Epoch, progress.Batch, progress.BatchesPerEpoch, progress.TrainLoss));
    }

    [Fact]
    public async Task Progress_tells_the_last_step_the_pace_and_the_time_left()
    {
        var trainer = CreateTestProbe();
        var run = Run("run-1", trainer.Ref);
        await Accepted(run, GivenRun.Start());
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);
        run.Tell(new TrainingSessionOpened("run-1", open.SessionId, 200, 1, 100));

        run.Tell(new BatchTrained("run-1", open.SessionId, 1, 0, 50, 0.5, 0.25, 4));

        var p = (await State(run, "run-1")).Progress;
        Assert.Equal((0.5, 0.25, 4), (p.BatchLoss, p.LearningRate, p.GradientNorm));
        // 50 rows of the representation, then 3 epochs of 200.
        Assert.True(p.ExamplesPerSecond > 0);
        Assert.Equal(650, p.SecondsLeft * p.ExamplesPerSecond, 6);
    }

    [Fact]
    public async Task A_trainer_that_lost_the_session_is_asked_again_and_older_answers_do_not_count()
    {
        var trainer = CreateTestProbe();
        var options = new TrainingRunOptions { RetryAfter = TimeSpan.FromMilliseconds(10), MaxAttempts = 3 };
        var run = Run("run-1", trainer.Ref, options);
        await Accepted(run, GivenRun.Start());
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var open = await FishFor<OpenTrainingSession>(trainer);
            run.Tell(new TrainingSessionFailed("run-1", "another", "not mine", Final: true));
            run.Tell(new TrainingSessionFailed("run-1", open.SessionId, $"lost {attempt}", Final: false));
        }

        var failed = (TrainingFailed)(await JournaledUntil<TrainingFailed>("run-1"))[^1];

        Assert.Contains("3 attempts", failed.Reason);
        Assert.Contains("lost 2", failed.Reason);
    }

    [Fact]
    public async Task The_registry_is_asked_until_it_answers()
    {
        var run = Run("run-1", Trainer());
        await Accepted(run, GivenRun.Start(maxEpochs: 1));

        var first = await Registry.ExpectMsgAsync<RegisterVersion>(Patience);
        var second = await Registration();

        Assert.Equal(first, second);
        await JournaledUntil<VersionHandedOver>("run-1");
    }

    private static async Task<T> FishFor<T>(Akka.TestKit.TestProbe probe) =>
        (T)await probe.FishForMessageAsync(m => m is T, Patience);
}
