using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study tells: its runs, the registry, and whoever asks.</summary>
public sealed partial record StudyState
{
    /// <summary>What the run is started with, as often as needed: the command id makes it one effect.</summary>
    public StartTraining StartOf(Trial trial) =>
        new()
        {
            Header = Header($"start:{trial.RunId}"),
            RunId = trial.RunId,
            DatasetPath = Definition.DatasetPath,
            DatasetHash = Definition.DatasetHash,
            Config = trial.Config,
        };

    public CancelTraining CancelOf(Trial trial) =>
        new()
        {
            Header = Header($"cancel:{trial.RunId}"),
            RunId = trial.RunId,
            Reason = Phase != StudyStatus.Searching ? $"study {StudyId}: {Phase}" : $"study {StudyId}: {trial.Outcome}",
        };

    public RegisterVersion Registration()
    {
        var best = Best!;
        return new RegisterVersion
        {
            Header = Header($"register-best:{StudyId}"),
            Family = Definition.Family,
            VersionId = Definition.VersionId,
            Artifact = best.End.Artifact,
            DatasetHash = Definition.DatasetHash,
            SchemaId = best.End.SchemaId,
            ProducedBy = $"{RegionNames.TrainingRun}/{best.RunId}",
            Metrics = { best.End.Metrics },
            Config = best.Config,
            EffectiveConfig = best.End.EffectiveConfig,
            CodeVersion = best.End.CodeVersion,
        };
    }

    public RequestEvaluation EvaluationRequest() =>
        new()
        {
            Header = Header($"evaluate-best:{StudyId}"),
            Family = Definition.Family,
            VersionId = Definition.VersionId,
            DatasetPath = Definition.DatasetPath,
            DatasetHash = Definition.DatasetHash,
        };

    public IWireMessage Answer(IQuery query) =>
        query is not (GetStudy or GetTrials or GetStudyReport) ? throw new NotSupportedException(query.GetType().Name)
        : Started is null ? new NotFoundReply { Region = RegionNames.Study, EntityId = StudyId }
        : query switch
        {
            GetTrials trials => Answer(trials),
            GetStudyReport => new StudyReportReply { Study = ToReply(), Trials = { Trials } },
            _ => ToReply(),
        };

    private StudyReply ToReply() =>
        new()
        {
            StudyId = StudyId,
            Status = Phase,
            Definition = Definition,
            Started = Trials.Count,
            Running = UnderWay.Count(),
            Completed = Trials.Count(t => t.Outcome == TrialOutcome.TrialCompleted),
            Pruned = Trials.Count(t => t.Outcome == TrialOutcome.TrialPruned),
            Failed = Trials.Count(t => t.Outcome == TrialOutcome.TrialFailed),
            Best = Best,
            Reason = HandedOver is { Refused.Length: > 0 } refused ? refused.Refused : Reason,
            Registered = HandedOver is { Refused: "" },
            Epochs = Trials.Sum(t => (long)t.Values.Count),
            NotEvaluated = EvaluationAsked?.Refused ?? "",
            Importances = { ParameterImportances.Of(Definition, Trials) },
            Warnings = { ParameterImportances.Warnings(Definition, Trials) },
        };

    private TrialsReply Answer(GetTrials q) =>
        new()
        {
            StudyId = StudyId,
            Trials = { Trials.Skip(Math.Max(0, q.From - 1)).Take(q.Count == 0 ? 100 : Math.Clamp(q.Count, 1, 1_000)) },
        };

    private CommandHeader Header(string commandId) =>
        new()
        {
            CommandId = commandId,
            CorrelationId = Started!.Header?.CorrelationId ?? "",
            CausationId = Started.Header?.CausationId ?? "",
        };
}
