using System.Collections.Immutable;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Runs;

/// <summary>
/// One offline run: what it trains on, what each epoch brought, when to stop, and which checkpoint is the best. A run
/// that breaks off goes on from its last epoch's checkpoint; everything else follows from seed and epoch.
/// </summary>
public sealed record TrainingRunState(
    string RunId,
    TrainingStarted? Started,
    ImmutableList<EpochCompleted> Epochs,
    TrainingCompleted? Completed,
    VersionEvaluated? Evaluated,
    RunStatus Phase,
    string Reason,
    bool Registered,
    string NotRegistered
) : IEntityState<TrainingRunState>
{
    /// <summary>Epochs journaled; the next one to train is one higher.</summary>
    public int EpochsDone => Epochs.IsEmpty ? 0 : Epochs[^1].Epoch;

    public bool IsTraining => Phase == RunStatus.Training;

    /// <summary>Where a resumed run starts from; <c>null</c> for fresh weights.</summary>
    public ArtifactRef? LastCheckpoint => Epochs.IsEmpty ? null : Epochs[^1].Checkpoint;

    public EpochCompleted? Best => Epochs.FindLast(e => e.Best);

    /// <summary>What the rows have chosen where the configuration left it open; <c>null</c> until the first epoch is over.</summary>
    public TrainingConfig? Used => Epochs.IsEmpty ? null : Epochs[0].EffectiveConfig;

    /// <summary>Trained, and not yet judged on the test rows.</summary>
    public bool OwesEvaluation => HasVersionToKeep && Evaluated is null;

    public bool OwesRegistration => HasVersionToKeep && Evaluated is not null;

    /// <summary>A run without a family keeps its version to itself: a study registers the best of its trials alone.</summary>
    private bool HasVersionToKeep =>
        Phase == RunStatus.Completed && !Registered && NotRegistered.Length == 0 && Started!.Family.Length > 0;

    public static TrainingRunState Empty(string entityId) =>
        new(entityId, null, [], null, null, RunStatus.Unspecified, "", false, "");

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            StartTraining c => Decide(c),
            CancelTraining c => Decide(c),
            PauseTraining c => Decide(c),
            ResumeTraining c => Decide(c),
            RecordRunEvaluation c => Decide(c),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public TrainingRunState Apply(IEvent e) =>
        e switch
        {
            TrainingStarted started => this with { Started = started, Phase = RunStatus.Training },
            EpochCompleted epoch => this with { Epochs = Epochs.Add(epoch) },
            TrainingCompleted completed => this with
            {
                Completed = completed,
                Phase = RunStatus.Completed,
                Reason = completed.Reason,
            },
            TrainingFailed failed => this with { Phase = RunStatus.Failed, Reason = failed.Reason },
            TrainingCancelled cancelled => this with { Phase = RunStatus.Cancelled, Reason = cancelled.Reason },
            TrainingPaused paused => this with { Phase = RunStatus.Paused, Reason = paused.Reason },
            TrainingResumed => this with { Phase = RunStatus.Training, Reason = "" },
            VersionEvaluated evaluated => this with { Evaluated = evaluated },
            VersionHandedOver handed => this with
            {
                Registered = handed.Refused.Length == 0,
                NotRegistered = handed.Refused,
            },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    /// <summary>
    /// Journals an epoch, and with it the end of the run when patience or epochs are spent. <c>null</c> when the result
    /// is not of the epoch this run waits for.
    /// </summary>
    public Decision? FinishEpoch(EpochResult result)
    {
        if (!IsTraining || result.Epoch != EpochsDone + 1)
        {
            return null;
        }

        var config = Started!.Config;
        var best = !result.Representation && EarlyStopping.IsBest(config, result.ValidAuc, Best?.ValidAuc);
        var epoch = new EpochCompleted
        {
            Epoch = result.Epoch,
            TrainLoss = result.TrainLoss,
            ValidAuc = result.ValidAuc,
            ValidLogLoss = result.ValidLogLoss,
            Checkpoint = result.Checkpoint,
            Best = best,
            Representation = result.Representation,
            // It is the same after every epoch.
            EffectiveConfig = Epochs.IsEmpty ? result.Used : null,
        };
        if (result.Representation)
        {
            return Decision.Accept(epoch);
        }

        var winner = best ? epoch : Best!;
        var ranking = result.Epoch - Epochs.Count(e => e.Representation);
        return EarlyStopping.Ends(config, result.Epoch, winner.Epoch, ranking) is { } why
            ? Decision.Accept(epoch, CompletedWith(winner, why, result.SchemaId))
            : Decision.Accept(epoch);
    }

    /// <summary>The run cannot go on. <c>null</c> when it is over already.</summary>
    public Decision? Fail(string reason) => IsTraining ? Decision.Accept(new TrainingFailed { Reason = reason }) : null;

    /// <summary>The best checkpoint is judged first, so that whoever finds the version finds its figures with it.</summary>
    public IEnumerable<OutgoingCommand> Outbox =>
        OwesEvaluation ? [new OutgoingCommand("evaluation", typeof(EvaluationRegion), EvaluationRequest)]
        : OwesRegistration ? [new OutgoingCommand("version", typeof(RegistryRegion), Registration)]
        : [];

    /// <summary>
    /// The registry has the version, or will not have it; or the evaluation is asked for. A trained model that cannot be
    /// judged is registered as it is.
    /// </summary>
    /// <returns>Null: nothing is to be journaled now.</returns>
    public Decision? Settle(Settlement settled) =>
        settled.Key switch
        {
            "version" when OwesRegistration => Decision.Accept(new VersionHandedOver { Refused = settled.Reason }),
            "evaluation" when OwesEvaluation && settled.Refused is not null => Decision.Accept(
                new VersionEvaluated { Reason = settled.Reason }
            ),
            _ => null,
        };

    /// <summary>Of a command that follows from the run's completion, the same at each attempt.</summary>
    private CommandHeader AfterCompletion(string what) =>
        new()
        {
            CommandId = $"{what}:{RunId}",
            CorrelationId = Completed!.Header?.CorrelationId ?? "",
            CausationId = Completed.Header?.CausationId ?? "",
        };

    /// <summary>The evaluation entity answers it with a <see cref="RecordRunEvaluation"/>.</summary>
    public RequestEvaluation EvaluationRequest() =>
        new()
        {
            Header = AfterCompletion("evaluate"),
            Family = Started!.Family,
            VersionId = Started.VersionId,
            DatasetPath = Started.DatasetPath,
            DatasetHash = Started.DatasetHash,
            Artifact = Completed!.Artifact,
            Epochs = { LearningCurve.Of(Epochs, Completed.Artifact) },
            RunId = RunId,
        };

    /// <summary>What the registry is asked, as often as needed: the command id makes it one effect.</summary>
    public RegisterVersion Registration() =>
        new()
        {
            Header = AfterCompletion("register"),
            Family = Started!.Family,
            VersionId = Started.VersionId,
            Artifact = Completed!.Artifact,
            DatasetHash = Started.DatasetHash,
            SchemaId = Completed.SchemaId,
            ProducedBy = $"{RegionNames.TrainingRun}/{RunId}",
            ParentVersionId = Started.ParentVersionId,
            Metrics = { Completed.Metrics.Concat(Evaluated!.Metrics) },
            Config = Started.Config,
            CodeVersion = Completed.CodeVersion,
            Evaluation = Evaluated.Evaluation,
            EffectiveConfig = Used,
        };

    public IWireMessage Answer(IQuery query) =>
        query is not GetTrainingRun ? throw new NotSupportedException(query.GetType().Name)
        : Started is null ? new NotFoundReply { Region = RegionNames.TrainingRun, EntityId = RunId }
        : new TrainingRunReply
        {
            RunId = RunId,
            Status = Phase,
            Config = Started.Config,
            Epochs = { Epochs },
            Progress = new Progress { Epoch = EpochsDone },
            Artifact = Completed?.Artifact,
            Metrics =
            {
                ((IEnumerable<Metric>?)Completed?.Metrics ?? []).Concat((IEnumerable<Metric>?)Evaluated?.Metrics ?? []),
            },
            Reason = Reason,
            Registered = Registered,
            SchemaId = Completed?.SchemaId ?? "",
            Evaluation = Evaluated?.Evaluation,
            DatasetPath = Started.DatasetPath,
            DatasetHash = Started.DatasetHash,
            EffectiveConfig = Used,
            CodeVersion = Completed?.CodeVersion ?? "",
            NotRegistered = NotRegistered,
        };

    public IWireMessage ToSnapshot() =>
        new TrainingRunSnapshot
        {
            Started = Started,
            Epochs = { Epochs },
            Completed = Completed,
            Status = Phase,
            Reason = Reason,
            Registered = Registered,
            Evaluated = Evaluated,
            NotRegistered = NotRegistered,
        };

    public static TrainingRunState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (TrainingRunSnapshot)snapshot;
        return new(
            entityId,
            s.Started,
            [.. s.Epochs],
            s.Completed,
            s.Evaluated,
            s.Status,
            s.Reason,
            s.Registered,
            s.NotRegistered
        );
    }

    private Decision Decide(StartTraining c) =>
        TrainingRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Started is not null ? Decision.Conflict("run_id", c.RunId, "is taken: a run is started once")
        : Decision.Accept(TrainingRules.Started(c));

    private Decision Decide(CancelTraining c) =>
        Started is null ? Decision.NotFound("run_id", c.RunId, "was never started")
        : Phase == RunStatus.Cancelled ? Decision.Nothing
        : !IsTraining && Phase != RunStatus.Paused ? IsOver(c.RunId)
        : Decision.Accept(new TrainingCancelled { Reason = c.Reason });

    private Decision Decide(PauseTraining c) =>
        Started is null ? Decision.NotFound("run_id", c.RunId, "was never started")
        : Phase == RunStatus.Paused ? Decision.Nothing
        : !IsTraining ? IsOver(c.RunId)
        : Decision.Accept(new TrainingPaused { Reason = c.Reason });

    private Decision Decide(ResumeTraining c) =>
        Started is null ? Decision.NotFound("run_id", c.RunId, "was never started")
        : IsTraining ? Decision.Nothing
        : Phase != RunStatus.Paused ? IsOver(c.RunId)
        : Decision.Accept(new TrainingResumed());

    /// <summary>What is not waited for is known already, or comes too late.</summary>
    private Decision Decide(RecordRunEvaluation c) =>
        OwesEvaluation
            ? Decision.Accept(
                new VersionEvaluated
                {
                    Evaluation = c.Evaluation,
                    Metrics = { c.Metrics },
                    Reason = c.Reason,
                }
            )
            : Decision.Nothing;

    private Decision IsOver(string runId) => Decision.Conflict("run_id", runId, $"is over ({Phase}: {Reason})");

    private static TrainingCompleted CompletedWith(EpochCompleted best, string reason, string schemaId) =>
        new()
        {
            BestEpoch = best.Epoch,
            Reason = reason,
            Artifact = best.Checkpoint,
            SchemaId = schemaId,
            CodeVersion = CodeVersion.Current,
            Metrics =
            {
                new Metric { Name = "valid_auc", Value = best.ValidAuc },
                new Metric { Name = "valid_log_loss", Value = best.ValidLogLoss },
                new Metric { Name = "train_loss", Value = best.TrainLoss },
            },
        };
}
