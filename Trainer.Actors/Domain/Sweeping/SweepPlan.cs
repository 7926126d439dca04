using System.Collections.Immutable;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Registry;

namespace RalmActors.Trainer.Domain.Sweeping;

/// <summary>Everything that may need a stored file, as its owners tell it.</summary>
public sealed record Holders(
    ImmutableArray<RegistryReply> Families,
    ImmutableArray<LineageReply> Lineages,
    ImmutableArray<TrainingRunReply> Runs,
    ImmutableArray<EvaluationsReply> Evaluations,
    ImmutableArray<ExperimentReply> Tests
);

/// <summary>A file of the artefact folder.</summary>
public sealed record StoredFile(string Name, long Bytes, DateTimeOffset WrittenAt);

/// <summary>
/// Which stored files nobody needs. Kept is: what any version that could serve holds; what lineages start from and have
/// come to, and what they can be rolled back to; what runs resume from or still have to hand over; what waits to be judged, or to be recorded. All else goes once it is old enough for whoever wrote it
/// to have said that it is needed.
/// </summary>
public sealed class SweepPlan(Holders holders, DateTimeOffset now, TimeSpan grace)
{
    /// <summary>
    /// Retired versions that may give up their artefact: retired for the whole grace period, in no experiment that runs
    /// or may be taken up again, not the last champion before the present one (the way back), and the only ones to hold
    /// the artefact.
    /// </summary>
    public ImmutableArray<(string Family, ModelVersion Version)> Releasable()
    {
        var expendable = (
            from family in holders.Families
            let wayBack = FormerChampion(family)
            from version in family.Versions
            where version.Stage == Stage.Retired && version.ArtifactReleasedAt is null
            where version.History[^1].From.ToDateTimeOffset() + grace <= now
            where version.VersionId != wayBack && !IsInExperiment(family.Family, version.VersionId)
            select (family.Family, Version: version)
        ).ToImmutableArray();
        var needed = Needed([.. expendable.Select(e => (e.Family, e.Version.VersionId))]);
        return [.. expendable.Where(e => !needed.Contains(FileNames.OfModel(e.Version.Artifact)))];
    }

    /// <param name="released">Versions whose artefact is given up now.</param>
    /// <returns>File names.</returns>
    public ImmutableHashSet<string> Needed(ImmutableHashSet<(string Family, string VersionId)> released) =>
        [
            .. holders.Families.SelectMany(f => f.Versions.SelectMany(v => Of(f.Family, v, released))),
            .. holders.Lineages.SelectMany(l =>
                FileNames
                    .Of(l.Base)
                    .Concat(FileNames.Of(l.Checkpoint))
                    .Concat(l.Checkpoints.SelectMany(k => FileNames.Of(k.Artifact)))
            ),
            .. holders.Runs.SelectMany(Of),
            .. holders.Evaluations.SelectMany(f => f.Evaluations.SelectMany(Of)),
        ];

    public ImmutableArray<StoredFile> Unneeded(IEnumerable<StoredFile> files, ImmutableHashSet<string> needed) =>
        [.. files.Where(f => !needed.Contains(f.Name) && f.WrittenAt + grace <= now)];

    /// <summary>The report outlives the artefact: it is small, and says how good the version was.</summary>
    private static IEnumerable<string> Of(
        string family,
        ModelVersion version,
        ImmutableHashSet<(string, string)> released
    )
    {
        if (version.ArtifactReleasedAt is not null || released.Contains((family, version.VersionId)))
        {
            return version.AllEvaluations().Select(e => FileNames.OfReport(e.Evaluation));
        }

        return FileNames
            .Of(version.Artifact)
            .Concat(version.AllEvaluations().SelectMany(e => FileNames.Of(e.Evaluation)));
    }

    /// <summary>What is recorded is the version's, what has failed is nobody's.</summary>
    private static IEnumerable<string> Of(RequestedEvaluation asked) =>
        asked.Status is EvaluationStatus.EvaluationPending or EvaluationStatus.EvaluationJudged
            ? FileNames.Of(asked.Artifact).Concat(FileNames.Of(asked.Evaluation))
            : [];

    /// <summary>A registered run's files are the version's. One that ended without keeps what it had come to.</summary>
    private static IEnumerable<string> Of(TrainingRunReply run) =>
        run.Registered
            ? []
            :
            [
                .. FileNames.Of(run.Artifact),
                .. FileNames.Of(run.Evaluation),
                .. FileNames.Of(run.Epochs.LastOrDefault()?.Checkpoint),
                .. FileNames.Of(run.Epochs.LastOrDefault(e => e.Best)?.Checkpoint),
            ];

    private bool IsInExperiment(string family, string versionId) =>
        holders.Tests.Any(t =>
            t.Status is not (ExperimentStatus.Promoted or ExperimentStatus.RolledBack or ExperimentStatus.Archived)
            && t.Definition.Family == family
            && t.Definition.Arms.Any(a => a.VersionId == versionId)
        );

    private static string? FormerChampion(RegistryReply family) =>
        family
            .Versions.SelectMany(v =>
                v.History.Where(h => h.Stage == Stage.Champion && h.Until is not null)
                    .Select(h => (v.VersionId, h.Until))
            )
            .OrderBy(h => h.Until)
            .LastOrDefault()
            .VersionId;
}
