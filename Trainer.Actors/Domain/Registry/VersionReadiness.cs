using System.Globalization;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Registry;

/// <summary>May a version be relied upon: its files are there, and the audiences know what its training data knew.</summary>
internal static class VersionReadiness
{
    /// <param name="bad">Why its files must not be used; null: they may.</param>
    /// <param name="load">Of its seeds; null: it has none, or nobody has asked for them.</param>
    public static ReadinessReply Of(GetReadiness asked, ModelVersion version, Rejection? bad, SeedLoadReply? load)
    {
        var reply = new ReadinessReply
        {
            Family = asked.Family,
            VersionId = version.VersionId,
            Seeds = load,
        };
        if (bad is not null)
        {
            reply.Reasons.Add($"{bad.Field} \"{bad.Value}\" {bad.Rule}");
        }

        if (version.Artifact.SeedsHash.Length > 0)
        {
            reply.Reasons.AddRange(OfSeeds(load));
        }

        reply.Ready = reply.Reasons.Count == 0;
        return reply;
    }

    public static NotFoundReply Missing(GetReadiness asked) =>
        new() { Region = RegionNames.Registry, EntityId = $"{asked.Family}/{asked.VersionId}" };

    public static ReadinessReply Unknown(GetReadiness asked, string cause) =>
        new()
        {
            Family = asked.Family,
            VersionId = asked.VersionId,
            Reasons = { $"it could not be found out: {cause}" },
        };

    private static IEnumerable<string> OfSeeds(SeedLoadReply? load)
    {
        if (load is null)
        {
            yield return "its seeds are loaded once it is SHADOW, CANARY or CHAMPION";
            yield break;
        }

        if (!load.Ready)
        {
            var why = load.WaitingFor.Length > 0 ? $": {load.WaitingFor}" : "";
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"seeds are being loaded: {load.AudiencesLoaded:N0} of {(load.Audiences > 0 ? $"{load.Audiences:N0}" : "?")} audiences{why}"
            );
        }

        if (load.Refused > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{load.Refused:N0} audiences refused their seeds, the first: {load.Refusal.Field} {load.Refusal.Rule}"
            );
        }

        if (load.TrainedKeep > load.Keep && load.Keep > 0)
        {
            yield return $"audiences keep {load.Keep} seeds here, it was trained with {load.TrainedKeep}";
        }
    }
}
