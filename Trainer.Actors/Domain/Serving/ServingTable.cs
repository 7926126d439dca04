using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Serving;

/// <summary>Which model answers a request, and as what.</summary>
/// <param name="LineageIds">Who learns from the interactions that follow.</param>
/// <param name="TestId">Empty: no part in an experiment.</param>
public sealed record Choice(
    ArtifactRef Artifact,
    string VersionId,
    ImmutableArray<string> LineageIds,
    string TestId,
    string Arm,
    int Phase,
    int Cell
);

/// <summary>
/// What a scorer knows of the world: champions, running tests, lineages. Newer news replace older; what is missing is
/// named, so that the scorer can ask for it.
/// </summary>
public sealed record ServingTable(
    ImmutableDictionary<string, RegistryReply> Families,
    ImmutableDictionary<string, Assignment> Tests,
    ImmutableDictionary<string, LineageReply> Lineages
)
{
    public static readonly ServingTable Empty = new(
        ImmutableDictionary.Create<string, RegistryReply>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, Assignment>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, LineageReply>(StringComparer.Ordinal)
    );

    public ServingTable With(RegistryReply family) => this with { Families = Families.SetItem(family.Family, family) };

    /// <summary>An older revision, arriving late, changes nothing: a stale node never assigns to an arm that is gone.</summary>
    public ServingTable With(RunningTest test) =>
        Tests.TryGetValue(test.TestId, out var known) && known.Test.Revision >= test.Revision
            ? this
            : this with
            {
                Tests = Tests.SetItem(test.TestId, new Assignment(test)),
            };

    public ServingTable With(LineageReply lineage) =>
        Lineages.TryGetValue(lineage.LineageId, out var known) && known.CheckpointBatchNr > lineage.CheckpointBatchNr
            ? this
            : this with
            {
                Lineages = Lineages.SetItem(lineage.LineageId, lineage),
            };

    /// <summary>Artefacts that may be asked for next.</summary>
    public IEnumerable<string> Serving =>
        Families
            .Values.Select(f => f.Versions.FirstOrDefault(v => v.VersionId == f.ChampionVersionId)?.Artifact)
            .Concat(Lineages.Values.Select(l => l.Checkpoint))
            .Concat(
                Tests
                    .Values.Where(t => t.Test.Running)
                    .SelectMany(t => t.Test.Arms.Select(a => VersionOf(t.Test.Family, a.VersionId)?.Artifact))
            )
            .Where(a => a is { Hash.Length: > 0 })
            .Select(a => a!.Hash);

    /// <summary>The model for this request; or why there is none.</summary>
    public (Choice? Choice, Rejection? Rejection) Choose(Score request)
    {
        if (!Families.TryGetValue(request.Family, out var family))
        {
            return Missing("family", request.Family, "is not known here yet");
        }

        if (request.TestId.Length == 0)
        {
            return Champion(family, new AssignedUnit(AssignedUnit.NoArm, 0));
        }

        if (!Tests.TryGetValue(request.TestId, out var test))
        {
            return Missing("test_id", request.TestId, "is not known here yet");
        }

        var unit = test.Assign(request.UserId);
        return test.Test.Running && unit.TakesPart ? Arm(test.Test, unit) : Champion(family, unit);
    }

    private (Choice?, Rejection?) Arm(RunningTest test, AssignedUnit unit)
    {
        var arm = test.Arms[unit.Arm];
        if (arm.LineageId.Length == 0)
        {
            return VersionOf(test.Family, arm.VersionId) is { } version
                ? (Chosen(version.Artifact, version.VersionId, []), null)
                : Missing("version_id", arm.VersionId, "is not known here yet");
        }

        return Lineages.TryGetValue(arm.LineageId, out var lineage)
            ? (Chosen(lineage.Checkpoint, lineage.VersionId, [arm.LineageId]), null)
            : Missing("lineage_id", arm.LineageId, "is not known here yet");

        Choice Chosen(ArtifactRef artifact, string version, ImmutableArray<string> lineages) =>
            new(artifact, version, lineages, test.TestId, arm.Name, test.Phase, unit.Cell);
    }

    private static (Choice?, Rejection?) Champion(RegistryReply family, AssignedUnit unit) =>
        family.Versions.FirstOrDefault(v => v.VersionId == family.ChampionVersionId) is { } champion
            ? (new Choice(champion.Artifact, champion.VersionId, [], "", "", 0, unit.Cell), null)
            : Missing("family", family.Family, "has no champion yet");

    private ModelVersion? VersionOf(string family, string versionId) =>
        Families.TryGetValue(family, out var known)
            ? known.Versions.FirstOrDefault(v => v.VersionId == versionId)
            : null;

    private static (Choice?, Rejection?) Missing(string field, string value, string rule) =>
        (
            null,
            new Rejection
            {
                Code = RejectionCode.NotFound,
                Field = field,
                Value = value,
                Rule = rule,
            }
        );
}
