using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors.Tests.Registry;

internal static class Versions
{
    public static RegisterVersion Register(string versionId, int artifact = 1, string? commandId = null) =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId ?? $"register-{versionId}" },
            Family = "match",
            VersionId = versionId,
            Artifact = new ArtifactRef { Hash = artifact.ToString("x64") },
            Metrics =
            {
                new Metric { Name = "auc", Value = 0.7 },
            },
        };

    public static SetStage Set(string versionId, Stage stage, string? commandId = null) =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId ?? $"{versionId}-to-{stage}" },
            Family = "match",
            VersionId = versionId,
            Stage = stage,
            Reason = "better",
            ExperimentId = "exp-1",
        };

    public static RecordEvaluation Judged(
        string versionId,
        char dataset = 'd',
        char report = 'a',
        string? commandId = null
    ) =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId ?? $"judged-{versionId}-{dataset}" },
            Family = "match",
            VersionId = versionId,
            DatasetHash = new string(dataset, 64),
            Evaluation = new EvaluationRef { Hash = new string(report, 64) },
            Metrics =
            {
                new Metric { Name = "test_auc", Value = 0.8 },
            },
        };

    public static ReleaseArtifact Release(string versionId, string? commandId = null) =>
        new()
        {
            Header = new CommandHeader { CommandId = commandId ?? $"release-{versionId}" },
            Family = "match",
            VersionId = versionId,
            Reason = "no room",
        };
}
