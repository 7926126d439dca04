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

/// <param name="Family">Of what was checked: the test may have been edited meanwhile.</param>
/// <param name="Cause">Why it is not known.</param>
internal sealed record ArmsChecked(
    ICommand Command,
    IActorRef ReplyTo,
    string Family,
    IReadOnlyList<ArmAtStake> Arms,
    Rejection? Bad,
    Exception? Cause
) : INoSerializationVerificationNeeded;

/// <summary>What has been found out for a command: it may be edited, or the test may be, meanwhile.</summary>
/// <param name="Units">That the test has been given, with the ticket; null: none were asked for.</param>
internal sealed record Found(string Family, IReadOnlyList<ArmAtStake> Arms, TrafficClaim? Units, ClaimReply? Given)
{
    public static readonly Found Nothing = new("", [], null, null);

    public bool Covers(string family, IReadOnlyList<ArmAtStake> arms) => Family == family && arms.SequenceEqual(Arms);

    public bool Covers(string family, TrafficClaim units)
    {
        if (Family != family || Units is null)
        {
            return false;
        }

        var ticketed = units.Clone();
        ticketed.RegistrationId = Units.RegistrationId;
        return ticketed.Equals(Units);
    }
}
