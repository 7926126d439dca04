using Akka.Actor;
using Akka.TestKit;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Storage;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Evaluation;

/// <summary>Evaluation as a step of a run, by the real trainer.</summary>
public sealed class EvaluationOfRunsSpecs : TrainerTestKit
{
    private const string Held = "held";

    private EvaluationStore Evaluations => new(Store.Folder);

    [Fact]
    public async Task A_run_judges_its_best_checkpoint_on_the_test_rows_and_registers_the_figures()
    {
        var version = await RegisteredBy(Run("run-1", Trainer(PlantedData.Open(testRows: 5_000))), GivenRun.Start());

        var report = Evaluations.Load(version.Evaluation.Hash);
        Assert.Equal((5_000, version.Artifact.Hash), (report.Rows, report.ArtifactHash));
        Assert.Equal((PlantedData.Hash, PlantedData.Schema.Id), (report.DatasetHash, report.SchemaId));
        Assert.Equal(("city", "v-run-1", "TwoTowerMha"), (report.Family, report.VersionId, report.Model));
        Assert.Equal([1, 2, 3], report.Epochs.Select(e => e.Epoch));
        Assert.Single(report.Epochs, e => e.Best);
        var (labels, scores) = (Evaluations.Rows(report.RowsHash).Labels, Evaluations.Scores(report.ScoresHash).Scores);
        Assert.Equal(Enumerable.Range(300, 5_000).Select(k => PlantedData.Sample(k).Label), labels);
        var auc = RankingMetrics.Auc<float>(scores.ToArray(), labels.ToArray());
        var registered = version.Metrics.Single(m => m.Name == "test_auc");
        Assert.Equal(auc, registered.Value, 12);
        Assert.True(auc > 0.6, $"{auc}");
        Assert.InRange(registered.Value, registered.Low, registered.High);
        Assert.Equal(auc, report.Auc, 12);
        Assert.Equal(0.5, report.Metrics.Single(m => m.Metric == "auc").Constant);
        Assert.Equal(5_000, report.Slices.Where(s => s.Feature == "context.f0").Sum(s => s.Rows));
        Assert.Equal(["0 rows"], report.Slices.Where(s => s.Feature == "user.activity").Select(s => s.Value));
        Assert.Equal(5_000, report.Reliability.Sum(b => b.Rows));
    }

    [Fact]
    public async Task An_evaluation_says_how_scores_were_calibrated_and_what_that_changed()
    {
        var start = GivenRun.Start();
        (start.Config.PositiveWeight, start.Config.Calibration) = (4, "isotonic");

        var version = await RegisteredBy(Run("run-1", Trainer(PlantedData.Open(2_000, 2_000, 5_000))), start);

        var report = Evaluations.Load(version.Evaluation.Hash);
        var card = Store.Load(version.Artifact).Card;
        Assert.Equal(("isotonic", 4), (report.Calibration.Method, report.Calibration.PositiveWeight));
        Assert.Equal("isotonic", card.Calibration.Method);
        Assert.Equal("isotonic", version.EffectiveConfig.Calibration);
        Assert.Equal(
            version.Metrics.Single(m => m.Name == "test_calibration_error").Value,
            report.Calibration.ErrorAfter,
            1e-9
        );
        Assert.True(report.Calibration.ErrorAfter < report.Calibration.ErrorBefore, $"{report.Calibration}");
    }

    [Fact]
    public async Task A_run_tells_the_values_that_its_rows_have_chosen_beside_what_was_asked()
    {
        var start = GivenRun.Start(model: "Ralm", maxEpochs: 2);
        start.Config.BatchSize = 0;
        var run = Run("run-1", Trainer());

        var version = await RegisteredBy(run, start);

        var reply = await State(run, "run-1");
        Assert.Equal((0, 0), (reply.Config.BatchSize, reply.Config.Optimizer.WeightDecay));
        // 50 / 200 rows would be more than the most there is.
        Assert.Equal(
            (32, 0.01f, 5),
            (
                reply.EffectiveConfig.BatchSize,
                reply.EffectiveConfig.Optimizer.WeightDecay,
                reply.EffectiveConfig.RepresentationEpochs
            )
        );
        Assert.Equal(reply.EffectiveConfig, version.EffectiveConfig);
        Assert.Equal(reply.EffectiveConfig, Store.Load(version.Artifact).Card.Training);
        Assert.Single((await Journaled("run-1")).OfType<EpochCompleted>(), e => e.EffectiveConfig is not null);
    }

    [Fact]
    public async Task Versions_of_one_dataset_share_their_rows_and_the_same_run_has_the_same_evaluation()
    {
        var trainer = Trainer(PlantedData.Open(testRows: 500));
        var one = await RegisteredBy(Run("one", trainer), GivenRun.Start("one"));
        var other = await RegisteredBy(Run("other", trainer), GivenRun.Start("other", seed: 8));

        var (first, second) = (Evaluations.Load(one.Evaluation.Hash), Evaluations.Load(other.Evaluation.Hash));

        Assert.Equal(first.RowsHash, second.RowsHash);
        Assert.NotEqual(first.ScoresHash, second.ScoresHash);
    }

    [Fact]
    public async Task A_dataset_without_test_rows_says_so()
    {
        var version = await RegisteredBy(Run("run-1", Trainer()), GivenRun.Start());

        var report = Evaluations.Load(version.Evaluation.Hash);
        Assert.Equal((0, "the dataset has no test rows"), (report.Rows, report.Reason));
        Assert.DoesNotContain(version.Metrics, m => m.Name.StartsWith("test_", StringComparison.Ordinal));
        Assert.Equal(3, report.Epochs.Count);
    }

    [Fact]
    public async Task Batches_of_other_runs_take_turns_with_an_evaluation()
    {
        var probe = CreateTestProbe();
        using var told = new ManualResetEventSlim();
        var trainer = TrainerThatWaitsFor(told, PlantedData.Open(64, 64, 40_000));
        var run = Domain.Runs.TrainingRules.Started(GivenRun.Start());
        trainer.Tell(new OpenTrainingSession("judged", "s", run, null), probe.Ref);
        trainer.Tell(new FinishEpoch("judged", "s", 1, 0), probe.Ref);
        trainer.Tell(new OpenTrainingSession("short", "s", run, null), probe.Ref);
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
        var artifact = (await probe.ExpectMsgAsync<EpochFinished>(Patience)).Result.Checkpoint;
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);

        var version = new JudgedVersion("city", "v-1", run.DatasetPath, run.DatasetHash);
        var held = GivenRun.Start("held");
        (held.DatasetPath, held.DatasetHash) = (Held, "another");
        trainer.Tell(new OpenTrainingSession("held", "s", Domain.Runs.TrainingRules.Started(held), null), probe.Ref);
        trainer.Tell(new EvaluateVersion("judged", "e", version, artifact, []), probe.Ref);
        trainer.Tell(new TrainBatch("short", "s", 1, 0, [1, 2, 3]), probe.Ref);
        told.Set();

        await probe.ExpectMsgAsync<TrainingSessionFailed>(Patience);
        await probe.ExpectMsgAsync<BatchTrained>(Patience);
        await probe.ExpectMsgAsync<EvaluationWritten>(Patience);
    }

    [Fact]
    public async Task A_version_whose_artefact_is_lost_is_registered_without_figures_and_says_why()
    {
        var trainer = CreateTestProbe();
        var run = Run("run-1", trainer.Ref);
        await Accepted(run, GivenRun.Start(maxEpochs: 1));
        var open = await trainer.ExpectMsgAsync<OpenTrainingSession>(Patience);
        run.Tell(new EpochFinished("run-1", open.SessionId, GivenRun.Epoch(1, 0.9)));
        var asked = (EvaluateVersion)await trainer.FishForMessageAsync(m => m is EvaluateVersion, Patience);

        trainer.Reply(new TrainingSessionFailed(asked.RunId, "an older one", "late", Final: true));
        trainer.Reply(new TrainingSessionFailed(asked.RunId, asked.SessionId, "a file is gone", Final: true));

        var version = await Registration();
        Assert.Null(version.Evaluation);
        var events = await JournaledUntil<VersionHandedOver>("run-1");
        Assert.Equal("a file is gone", events.OfType<VersionEvaluated>().Single().Reason);
    }

    /// <summary>What it is told while it opens <see cref="Held"/> it hears at once, however busy the machine is.</summary>
    private IActorRef TrainerThatWaitsFor(ManualResetEventSlim told, PreparedDataset data) =>
        Sys.ActorOf(
            DeviceActor.Props(
                Store,
                open: path =>
                {
                    Assert.True(path != Held || told.Wait(Patience));
                    return data;
                }
            )
        );
}
