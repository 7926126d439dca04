using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Calibration;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Runs;

/// <summary>What a run may be started with, and what a field that is left out means.</summary>
public static class TrainingRules
{
    private const int MaxPathLength = 4_096;
    private const int NoEpochs = -1;

    internal static Rejection? Check(StartTraining c) =>
        CheckDataset(c.DatasetPath, c.DatasetHash)
        ?? (c.Family.Length > 0 ? Ids.Check("family", c.Family) : null)
        ?? (c.VersionId.Length > 0 ? Ids.Check("version_id", c.VersionId) : null)
        ?? ConfigRules.Check(c.Config ?? new TrainingConfig())
        ?? (c.Initial is null ? null : CheckInitial(c, c.Config))
        ?? (c.ParentVersionId.Length > 0 ? Ids.Check("parent_version_id", c.ParentVersionId) : null);

    private static Rejection? CheckInitial(StartTraining c, TrainingConfig? config) =>
        ArtifactRules.Check("initial", c.Initial)
        ?? Limits.Must(
            config is null or { Workers: <= 1 },
            "config.workers",
            config?.Workers,
            "must be 1 where initial weights are given"
        );

    /// <summary>The one rule for where prepared data are, and which.</summary>
    internal static Rejection? CheckDataset(string path, string hash) =>
        path.Length is 0 or > MaxPathLength
            ? Rejections.Invalid("dataset_path", path, $"must be 1 to {MaxPathLength} characters")
        : hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)
            ? Rejections.Invalid("dataset_hash", hash, "must be a sha256 of 64 hex digits")
        : null;

    /// <summary>
    /// The event with every default written out, so that a later release's defaults do not change what a resumed run does.
    /// </summary>
    internal static TrainingStarted Started(StartTraining c) =>
        new()
        {
            DatasetPath = c.DatasetPath,
            DatasetHash = c.DatasetHash.ToLowerInvariant(),
            Config = ConfigRules.Complete(WithInitial(c)),
            Family = c.Family,
            VersionId = c.VersionId.Length > 0 ? c.VersionId : c.RunId,
            Initial = c.Initial,
            ParentVersionId = c.ParentVersionId,
        };

    /// <summary>Weights that are given have a representation already.</summary>
    private static TrainingConfig WithInitial(StartTraining c)
    {
        var config = c.Config?.Clone() ?? new TrainingConfig();
        if (c.Initial is not null && config.RepresentationEpochs == 0)
        {
            config.RepresentationEpochs = NoEpochs;
        }

        return config;
    }
}
