using Akka.Actor;
using Akka.Hosting;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.AbTesting.Actors;

/// <summary>Why an arm's model cannot be shown; null: it can. Fails when that is not known in time.</summary>
/// <param name="family">The test's.</param>
/// <param name="field">Where the definition names the arm.</param>
public delegate Task<Rejection?> ArmCheck(string family, string field, Arm arm);

/// <summary>Asks the registry for versions and the lineages for themselves.</summary>
internal static class AskedModels
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);

    public static ArmCheck Of(IReadOnlyActorRegistry regions) =>
        (family, field, arm) =>
            arm.LineageId.Length > 0
                ? Lineage(regions.Get<LineageRegion>(), family, $"{field}.lineage_id", arm.LineageId)
                : Version(regions.Get<RegistryRegion>(), family, $"{field}.version_id", arm.VersionId);

    /// <summary>The first arm whose model cannot be shown.</summary>
    public static async Task<Rejection?> FirstBad(ArmCheck check, string family, IEnumerable<ArmAtStake> arms)
    {
        foreach (var (field, arm) in arms)
        {
            if (await check(family, field, arm) is { } bad)
            {
                return bad;
            }
        }

        return null;
    }

    private static async Task<Rejection?> Version(IActorRef registry, string family, string field, string versionId)
    {
        var asked = new CheckVersion { Family = family, VersionId = versionId };
        var answer = await registry.AskFor<VersionCheckReply>(asked, Patience);
        if (answer is Answer<VersionCheckReply>.Refused refused)
        {
            var rejection = refused.Rejection.Clone();
            rejection.Field = field;
            return rejection;
        }

        _ = answer.ReplyOrThrow;
        return null;
    }

    private static async Task<Rejection?> Lineage(IActorRef lineages, string family, string field, string lineageId) =>
        (await lineages.AskFor<LineageReply>(new GetLineage { LineageId = lineageId }, Patience)).ReplyOrNone switch
        {
            { Open: false } => Rejections.Conflict(field, lineageId, "is closed"),
            { } lineage when lineage.Family != family => Rejections.Conflict(
                field,
                lineageId,
                $"is of the family {lineage.Family}; must be of {family}"
            ),
            { } => null,
            null => Rejections.NotFound(field, lineageId, "must be an open lineage"),
        };
}
