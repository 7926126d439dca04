using System.Collections.Immutable;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>A file that must be there and whole.</summary>
/// <param name="Field">Where the command names it.</param>
/// <param name="VersionId">The command names only a version of which it is the artefact; null: it names the file.</param>
internal sealed record NamedFile(string Field, IMessage Reference, string? VersionId = null)
{
    public Rejection Refuse(Rejection bad) =>
        VersionId is null
            ? bad
            : Rejections.Of(
                bad.Code,
                "version_id",
                VersionId,
                $"must have its artefact: {bad.Field} \"{bad.Value}\" {bad.Rule}"
            );
}

/// <summary>What the files are that a decision of the registry rests on.</summary>
internal static class RestsOn
{
    public static ImmutableArray<NamedFile> Files(RegistryState state, Decision decision) =>
        [.. decision.Events.SelectMany(e => Files(state, e))];

    public static NamedFile FileOf(ModelVersion version) => new("artifact", version.Artifact, version.VersionId);

    /// <summary>The version, and why it can never serve.</summary>
    public static (ModelVersion? Version, Rejection? Unfit) Serving(RegistryState state, string versionId) =>
        state.Versions.Find(v => v.VersionId == versionId) switch
        {
            null => (
                null,
                Rejections.NotFound(
                    "version_id",
                    versionId,
                    $"must be a registered version of the family {state.Family}"
                )
            ),
            { ArtifactReleasedAt: not null } released => (
                released,
                Rejections.Conflict("version_id", versionId, "has an artefact that was released")
            ),
            var version => (version, null),
        };

    public static Rejection Unread(string versionId, string cause) =>
        Rejections.NotAvailable("version_id", versionId, $"has an artefact that could not be read now: {cause}");

    public static VersionCheckReply Answer(VersionCheckReply reply, Rejection? bad)
    {
        reply.Rejection = bad;
        return reply;
    }

    private static IEnumerable<NamedFile> Files(RegistryState state, IEvent e) =>
        e switch
        {
            VersionRegistered { Evaluation: { } judged } registered =>
            [
                new("artifact", registered),
                new("evaluation", judged),
            ],
            VersionRegistered registered => [new("artifact", registered)],
            EvaluationRecorded recorded => [new("evaluation", recorded.Evaluation)],
            StageSet { Stage: Stage.Shadow or Stage.Canary or Stage.Champion } set =>
            [
                FileOf(state.Versions.Find(v => v.VersionId == set.VersionId)!),
            ],
            _ => [],
        };
}
