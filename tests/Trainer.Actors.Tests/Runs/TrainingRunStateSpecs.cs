using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class TrainingRunStateSpecs
{
    [Fact]
    public void A_run_survives_repetition_reordering_and_a_crash_at_every_event_boundary() =>
        new EntityModel<TrainingRunState>("run-1", NextCommand)
        {
            Effect = NextEffect,
            Invariant = (state, _) =>
            {
                Assert.Equal(Enumerable.Range(1, state.Epochs.Count), state.Epochs.Select(e => e.Epoch));
                Assert.False(state.Registered && (state.Completed is null || state.Evaluated is null));
            },
        }.Check();

    [Fact]
    public void Every_default_is_written_into_the_first_event()
    {
        var start = GivenRun.Start();
        start.Config = null;
        start.VersionId = "";

        var started = (TrainingStarted)TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Events.Single();

        Assert.Equal("run-1", started.VersionId);
        Assert.Equal(("Ralm", 64, 128, 4, 0.3f), Model(started.Config.Model));
        Assert.Equal((20, 10), (started.Config.Model.SeedClusters, started.Config.Model.SeedPrior));
        Assert.Equal(("adam", 0.0005f), (started.Config.Optimizer.Name, started.Config.Optimizer.LearningRate));
        Assert.Equal((0, 20, 5), (started.Config.BatchSize, started.Config.MaxEpochs, started.Config.Patience));
        Assert.Equal(
            ("constant", 0f, 0f),
            (started.Config.Schedule.Name, started.Config.Schedule.Warmup, started.Config.Schedule.Floor)
        );
        Assert.Equal((0.1f, 10), (started.Config.Schedule.Decay, started.Config.Schedule.DecayEvery));
        Assert.Equal((0f, 1f), (started.Config.Optimizer.ClipNorm, started.Config.PositiveWeight));
    }

    [Theory]
    [InlineData(4, 8, 0, 0.002f)]
    [InlineData(4, 8, 0.003f, 0.003f)]
    [InlineData(4, 0, 0, 0.0005f)]
    [InlineData(1, 8, 0, 0.0005f)]
    public void Copies_that_are_averaged_take_longer_steps_unless_a_rate_is_asked_for(
        int workers,
        int averageEvery,
        float asked,
        float expected
    )
    {
        var start = GivenRun.Start();
        start.Config = new TrainingConfig
        {
            Workers = workers,
            AverageEvery = averageEvery,
            Optimizer = new OptimizerConfig { LearningRate = asked },
        };

        var started = (TrainingStarted)TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Events.Single();

        Assert.Equal(expected, started.Config.Optimizer.LearningRate);
    }

    [Fact]
    public void With_weights_that_are_given_the_representation_is_trained_no_more_unless_it_is_asked_for()
    {
        var start = GivenRun.Start();
        (start.Initial, start.ParentVersionId) = (GivenRun.Artifact('1'), "v-0");

        Assert.Equal(-1, Started(start).Config.RepresentationEpochs);
        Assert.Equal((start.Initial, "v-0"), (Started(start).Initial, Started(start).ParentVersionId));
        start.Config.RepresentationEpochs = 3;
        Assert.Equal(3, Started(start).Config.RepresentationEpochs);

        static TrainingStarted Started(StartTraining start) =>
            (TrainingStarted)TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Events.Single();
    }

    [Fact]
    public void Weights_that_are_given_are_named_rightly_and_for_one_worker()
    {
        var several = GivenRun.Start();
        (several.Initial, several.Config.Workers) = (GivenRun.Artifact('1'), 2);
        var unnamed = GivenRun.Start();
        unnamed.Initial = new ArtifactRef { Hash = "short" };

        Assert.Equal("config.workers", Refused(several));
        Assert.StartsWith("initial", Refused(unnamed), StringComparison.Ordinal);

        static string Refused(StartTraining start) =>
            TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Rejection!.Field;
    }

    [Fact]
    public void Too_many_workers_are_refused_by_their_own_name()
    {
        var start = GivenRun.Start();
        start.Config = new TrainingConfig { Workers = int.MaxValue, AverageEvery = 8 };

        var rejection = TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Rejection!;

        Assert.Equal("config.workers", rejection.Field);
    }

    [Fact]
    public void The_best_epoch_is_the_last_that_beats_all_before_by_the_minimum_delta()
    {
        var state = GivenRun
            .Started(maxEpochs: 10)
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.70)))
            .Take(s => s.FinishEpoch(GivenRun.Epoch(2, 0.75)))
            .Take(s => s.FinishEpoch(GivenRun.Epoch(3, 0.75005)));

        Assert.Equal(2, state.Best!.Epoch);
        Assert.True(state.IsTraining);
    }

    [Fact]
    public void A_run_converges_when_patience_is_spent_and_keeps_the_best_checkpoint()
    {
        var state = GivenRun
            .Started(maxEpochs: 10, patience: 2)
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.8)))
            .Take(s => s.FinishEpoch(GivenRun.Epoch(2, 0.7)))
            .Take(s => s.FinishEpoch(GivenRun.Epoch(3, 0.7)));

        Assert.Equal((RunStatus.Completed, "converged"), (state.Phase, state.Reason));
        Assert.Equal(1, state.Completed!.BestEpoch);
        Assert.Equal(GivenRun.Epoch(1, 0).Checkpoint, state.Completed.Artifact);
        Assert.Equal(0.8, state.Completed.Metrics.Single(m => m.Name == "valid_auc").Value);
    }

    [Fact]
    public void A_run_ends_with_its_last_epoch()
    {
        var state = GivenRun.Started(maxEpochs: 1).Take(s => s.FinishEpoch(GivenRun.Epoch(1, double.NaN)));

        Assert.Equal((RunStatus.Completed, "max_epochs"), (state.Phase, state.Reason));
        Assert.True(state.OwesEvaluation);
        Assert.False(state.OwesRegistration);
    }

    [Fact]
    public void A_version_is_registered_once_it_is_judged_with_all_that_is_known_of_it()
    {
        var evaluation = new EvaluationRef { Hash = new string('e', 64), Bytes = 5 };
        var metric = new Metric
        {
            Name = "test_auc",
            Value = 0.8,
            Low = 0.7,
            High = 0.9,
        };
        var state = GivenRun
            .Started(maxEpochs: 1)
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.9)))
            .Take(s => s.Decide(Judged(evaluation, "", metrics: metric), default));

        var version = state.Registration();

        Assert.True(state.OwesRegistration);
        Assert.Empty(state.Decide(Judged(null, "again"), default).Events);
        Assert.Equal(["valid_auc", "valid_log_loss", "train_loss", "test_auc"], version.Metrics.Select(m => m.Name));
        Assert.Equal((0.7, 0.9), (version.Metrics[^1].Low, version.Metrics[^1].High));
        Assert.Equal((evaluation, state.Started!.Config), (version.Evaluation, version.Config));
        Assert.Equal(CodeVersion.Current, version.CodeVersion);
    }

    [Fact]
    public void A_version_that_cannot_be_judged_is_registered_without_figures()
    {
        var state = GivenRun
            .Started(maxEpochs: 1)
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.9)))
            .Take(s => s.Decide(Judged(null, "the dataset is gone"), default));

        Assert.Null(state.Registration().Evaluation);
        Assert.True(state.Take(s => s.Settle(new Settlement("version", "", null))).Registered);
    }

    [Fact]
    public void A_version_that_the_registry_refuses_is_told_of_and_not_offered_again()
    {
        var state = GivenRun
            .Started(maxEpochs: 1)
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.9)))
            .Take(s => s.Decide(Judged(null, ""), default))
            .Take(s => s.Settle(new Settlement("version", "", Taken)));
        var revived = TrainingRunState.FromSnapshot(state.RunId, state.ToSnapshot());

        var run = (TrainingRunReply)revived.Answer(new GetTrainingRun());

        Assert.Equal((false, "version_id \"v1\" is taken"), (run.Registered, run.NotRegistered));
        Assert.False(revived.OwesRegistration);
        Assert.Null(revived.Settle(new Settlement("version", "", null)));
    }

    [Fact]
    public void A_run_without_a_family_keeps_its_version_to_itself()
    {
        var start = GivenRun.Start(maxEpochs: 1);
        start.Family = "";
        var state = TrainingRunState
            .Empty("run-1")
            .Take(s => s.Decide(start, GivenRun.Now))
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.9)));

        Assert.False(state.OwesRegistration);
        Assert.Equal("s-1", ((TrainingRunReply)state.Answer(new GetTrainingRun())).SchemaId);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void A_result_of_another_epoch_than_the_next_changes_nothing(int epoch) =>
        Assert.Null(GivenRun.Started().FinishEpoch(GivenRun.Epoch(epoch, 0.9)));

    [Fact]
    public void A_cancelled_run_takes_no_result_and_can_be_cancelled_again()
    {
        var state = GivenRun.Started().Take(s => s.Decide(GivenRun.Cancel(), GivenRun.Now));

        Assert.Equal((RunStatus.Cancelled, "changed my mind"), (state.Phase, state.Reason));
        Assert.Null(state.FinishEpoch(GivenRun.Epoch(1, 0.9)));
        Assert.Null(state.Fail("late"));
        Assert.Equal(Decision.Nothing, state.Decide(GivenRun.Cancel(commandId: "c-3"), GivenRun.Now));
    }

    [Fact]
    public void A_paused_run_takes_no_result_until_it_is_resumed()
    {
        var paused = GivenRun
            .Started()
            .Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.7)))
            .Take(s => s.Decide(GivenRun.Pause(), GivenRun.Now));

        Assert.Equal(
            (RunStatus.Paused, "the machine is needed", false),
            (paused.Phase, paused.Reason, paused.IsTraining)
        );
        Assert.Null(paused.FinishEpoch(GivenRun.Epoch(2, 0.9)));
        Assert.Null(paused.Fail("late"));
        Assert.Equal(Decision.Nothing, paused.Decide(GivenRun.Pause(commandId: "c-3"), GivenRun.Now));

        var resumed = paused.Take(s => s.Decide(GivenRun.Resume(), GivenRun.Now));

        Assert.Equal((RunStatus.Training, "", 1), (resumed.Phase, resumed.Reason, resumed.EpochsDone));
        Assert.Equal(Decision.Nothing, resumed.Decide(GivenRun.Resume(commandId: "c-4"), GivenRun.Now));
        Assert.Equal(2, resumed.Take(s => s.FinishEpoch(GivenRun.Epoch(2, 0.9))).EpochsDone);
    }

    [Fact]
    public void A_paused_run_can_be_cancelled_and_then_not_resumed()
    {
        var state = GivenRun
            .Started()
            .Take(s => s.Decide(GivenRun.Pause(), GivenRun.Now))
            .Take(s => s.Decide(GivenRun.Cancel(), GivenRun.Now));

        Assert.Equal(RunStatus.Cancelled, state.Phase);
        Assert.Equal(RejectionCode.Conflict, state.Decide(GivenRun.Resume(), GivenRun.Now).Rejection!.Code);
        Assert.Equal(RejectionCode.Conflict, state.Decide(GivenRun.Pause(), GivenRun.Now).Rejection!.Code);
    }

    [Fact]
    public void A_run_that_was_never_started_can_be_neither_paused_nor_resumed()
    {
        var state = TrainingRunState.Empty("run-1");

        Assert.Equal(RejectionCode.NotFound, state.Decide(GivenRun.Pause(), GivenRun.Now).Rejection!.Code);
        Assert.Equal(RejectionCode.NotFound, state.Decide(GivenRun.Resume(), GivenRun.Now).Rejection!.Code);
    }

    [Fact]
    public void A_finished_run_cannot_be_cancelled_nor_started_again()
    {
        var state = GivenRun.Started(maxEpochs: 1).Take(s => s.FinishEpoch(GivenRun.Epoch(1, 0.9)));

        Assert.Equal(RejectionCode.Conflict, state.Decide(GivenRun.Cancel(), GivenRun.Now).Rejection!.Code);
        Assert.Equal(RejectionCode.Conflict, state.Decide(GivenRun.Start(), GivenRun.Now).Rejection!.Code);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("none", false)]
    [InlineData("platt", true)]
    public void No_calibration_is_written_as_before_there_was_one(string calibration, bool written)
    {
        var start = GivenRun.Start();
        start.Config.Calibration = calibration;

        var decision = TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now);

        Assert.Equal(written, ((TrainingStarted)decision.Events[0]).Config.HasCalibration);
    }

    public static TheoryData<string, Action<StartTraining>> BadInput =>
        new()
        {
            { "dataset_path", s => s.DatasetPath = "" },
            { "dataset_hash", s => s.DatasetHash = "abc" },
            { "family", s => s.Family = "a b" },
            { "version_id", s => s.VersionId = "ü" },
            { "config.model.tower_dim", s => s.Config.Model.TowerDim = 9 },
            { "config.model.heads", s => s.Config.Model.Heads = -1 },
            { "config.model.dropout", s => s.Config.Model.Dropout = 0.95f },
            { "config.model.dropout", s => s.Config.Model.Dropout = float.NaN },
            { "config.optimizer.name", s => s.Config.Optimizer.Name = "lion" },
            { "config.optimizer.learning_rate", s => s.Config.Optimizer.LearningRate = float.NaN },
            { "config.optimizer.weight_decay", s => s.Config.Optimizer.WeightDecay = -0.1f },
            { "config.batch_size", s => s.Config.BatchSize = 65_537 },
            { "config.max_epochs", s => s.Config.MaxEpochs = -1 },
            { "config.patience", s => s.Config.Patience = 10_001 },
            { "config.min_delta", s => s.Config.MinDelta = -1 },
            { "config.workers", s => s.Config.Workers = 17 },
            { "config.workers", s => s.Config.Workers = -1 },
            { "config.average_every", s => s.Config.AverageEvery = -1 },
            { "config.average_every", s => s.Config.AverageEvery = 10_001 },
            { "config.optimizer.clip_norm", s => s.Config.Optimizer.ClipNorm = float.NaN },
            { "config.optimizer.clip_norm", s => s.Config.Optimizer.ClipNorm = -1 },
            { "config.schedule.name", s => s.Config.Schedule = new() { Name = "triangle" } },
            { "config.schedule.warmup", s => s.Config.Schedule = new() { Warmup = 0.95f } },
            { "config.schedule.floor", s => s.Config.Schedule = new() { Floor = float.NaN } },
            { "config.schedule.decay", s => s.Config.Schedule = new() { Decay = 1.5f } },
            { "config.schedule.decay_every", s => s.Config.Schedule = new() { DecayEvery = -1 } },
            { "config.calibration", s => s.Config.Calibration = "beta" },
            { "config.positive_weight", s => s.Config.PositiveWeight = -2 },
            { "config.positive_weight", s => s.Config.PositiveWeight = float.PositiveInfinity },
        };

    [Theory]
    [MemberData(nameof(BadInput), DisableDiscoveryEnumeration = true)]
    public void Bad_input_is_refused_by_field_value_and_rule(string field, Action<StartTraining> spoil)
    {
        var start = GivenRun.Start();
        spoil(start);

        var rejection = TrainingRunState.Empty("run-1").Decide(start, GivenRun.Now).Rejection!;

        Assert.Equal((RejectionCode.Invalid, field), (rejection.Code, rejection.Field));
        Assert.NotEmpty(rejection.Rule);
    }

    private static (string, int, int, int, float) Model(ModelConfig m) =>
        (m.Model, m.TowerDim, m.HiddenDim, m.Heads, m.Dropout);

    private static ICommand NextCommand(Random random, TrainingRunState state, int nr) =>
        random.Next(12) switch
        {
            0 => GivenRun.Cancel(commandId: $"c-{nr}"),
            1 or 2 => GivenRun.Pause(commandId: $"c-{nr}"),
            3 or 4 => GivenRun.Resume(commandId: $"c-{nr}"),
            5 or 6 => Judged(random.Next(2) == 0 ? null : new EvaluationRef { Hash = "e" }, "a reason", nr: nr),
            _ => GivenRun.Start(commandId: $"c-{nr}", maxEpochs: random.Next(1, 6), patience: random.Next(1, 4)),
        };

    private static RecordRunEvaluation Judged(
        EvaluationRef? evaluation,
        string reason,
        int nr = 0,
        params Metric[] metrics
    ) =>
        new()
        {
            Header = new CommandHeader { CommandId = $"evaluated:{nr}" },
            RunId = "run-1",
            Evaluation = evaluation,
            Metrics = { metrics },
            Reason = reason,
        };

    private static readonly Rejection Taken = new()
    {
        Field = "version_id",
        Value = "v1",
        Rule = "is taken",
    };

    private static Decision? NextEffect(Random random, TrainingRunState state) =>
        random.Next(6) switch
        {
            0 => state.Fail("a reason"),
            _ => state.FinishEpoch(GivenRun.Epoch(state.EpochsDone + random.Next(2), random.NextDouble())),
        };
}
