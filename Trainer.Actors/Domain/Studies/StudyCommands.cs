using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study tells others: its runs, the registry, and whoever judges its version.</summary>
internal static class StudyCommands
{
    /// <summary>What the run is started with, as often as needed: the command id makes it one effect.</summary>
    public static StartTraining StartOf(this StudyState study, Trial trial) =>
        new()
        {
            Header = Header(study, $"start:{trial.RunId}"),
            RunId = trial.RunId,
            DatasetPath = study.Definition.DatasetPath,
            DatasetHash = study.Definition.DatasetHash,
            Config = trial.Config,
        };

    public static CancelTraining CancelOf(this StudyState study, Trial trial) =>
        new()
        {
            Header = Header(study, $"cancel:{trial.RunId}"),
            RunId = trial.RunId,
            Reason =
                study.Phase != StudyStatus.Searching
                    ? $"study {study.StudyId}: {study.Phase}"
                    : $"study {study.StudyId}: {trial.Outcome}",
        };

    public static RegisterVersion Registration(this StudyState study)
    {
        var best = study.Best!;
        return new RegisterVersion
        {
            Header = Header(study, $"register-best:{study.StudyId}"),
            Family = study.Definition.Family,
            VersionId = study.Definition.VersionId,
            Artifact = best.End.Artifact,
            DatasetHash = study.Definition.DatasetHash,
            SchemaId = best.End.SchemaId,
            ProducedBy = $"{RegionNames.TrainingRun}/{best.RunId}",
            Metrics = { best.End.Metrics },
            Config = best.Config,
            EffectiveConfig = best.End.EffectiveConfig,
            CodeVersion = best.End.CodeVersion,
        };
    }

    public static RequestEvaluation EvaluationRequest(this StudyState study) =>
        new()
        {
            Header = Header(study, $"evaluate-best:{study.StudyId}"),
            Family = study.Definition.Family,
            VersionId = study.Definition.VersionId,
            DatasetPath = study.Definition.DatasetPath,
            DatasetHash = study.Definition.DatasetHash,
        };

    private static CommandHeader Header(StudyState study, string commandId) =>
        new()
        {
            CommandId = commandId,
            CorrelationId = study.Started!.Header?.CorrelationId ?? "",
            CausationId = study.Started.Header?.CausationId ?? "",
        };
}
