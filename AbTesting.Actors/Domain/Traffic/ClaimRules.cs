using System.Globalization;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Traffic;

/// <summary>What a test may have of its family's units, and when the family's holdout may become another.</summary>
internal static class ClaimRules
{
    /// <summary>Why the test may not have it, by the name of its definition's field; null: it may.</summary>
    public static Rejection? Check(TrafficState traffic, TrafficClaim claim) =>
        CheckLayer(traffic, claim)
        ?? (
            claim.StatedHoldout == 0 || claim.StatedHoldout == traffic.Holdout ? null
            : traffic.Holdout > 0
                ? Rejections.Conflict(
                    "definition.holdout",
                    claim.StatedHoldout,
                    $"must be {Text(traffic.Holdout)}, as that of the family {traffic.Family}, or left out"
                )
            : CheckGrowth(traffic, "definition.holdout", claim.StatedHoldout, claim)
        );

    public static Rejection? Check(TrafficState traffic, SetHoldout c)
    {
        const string Field = "holdout";
        if (!c.HasHoldout)
        {
            return Rejections.Invalid(Field, "", "must be set");
        }

        if (c.Holdout is < 0 or > DefinitionRules.MaxHeldOut)
        {
            return Rejections.Invalid(Field, c.Holdout, $"must be 0 to {Text(DefinitionRules.MaxHeldOut)}");
        }

        if (DefinitionRules.Words("reason", c.Reason) is { } rejection)
        {
            return rejection;
        }

        var other = traffic.Claims.Values.FirstOrDefault(t => t.StatedHoldout > 0 && t.StatedHoldout != c.Holdout);
        return other is null
            ? CheckGrowth(traffic, Field, c.Holdout, null)
            : Rejections.Conflict(
                Field,
                c.Holdout,
                $"must be {Text(other.StatedHoldout)} while {other.ExperimentId} states it"
            );
    }

    /// <summary>Units that a test has begun to show something to are not taken from it.</summary>
    private static Rejection? CheckGrowth(TrafficState traffic, string field, int holdout, TrafficClaim? claim) =>
        traffic.Claims.Values.FirstOrDefault(t =>
            t.Begun && t.Holdout < holdout && (claim is null || !AreOne(t, claim))
        )
            is { } begun
            ? Rejections.Conflict(
                field,
                holdout,
                $"must be at most {Text(begun.Holdout)} while {begun.ExperimentId} runs: it has begun to show to units above that"
            )
            : null;

    private static Rejection? CheckLayer(TrafficState traffic, TrafficClaim claim)
    {
        if (claim.Layer is not { } layer)
        {
            return null;
        }

        foreach (var other in traffic.Claims.Values.Where(t => t.Layer?.Name == layer.Name && !AreOne(t, claim)))
        {
            if (other.Growthbook != claim.Growthbook)
            {
                return Rejections.Conflict(
                    "definition.hashing",
                    claim.Growthbook ? "GrowthBook's" : "MURMUR3",
                    $"must be as that of {other.ExperimentId}: another one puts the units of layer {layer.Name} into other buckets"
                );
            }

            if (other.Layer.From < layer.To && layer.From < other.Layer.To)
            {
                return Rejections.Conflict(
                    "definition.layer.from",
                    layer.From,
                    $"must not overlap {Text(other.Layer.From)} to {Text(other.Layer.To)} of layer {layer.Name}, which {other.ExperimentId} has"
                );
            }
        }

        return null;
    }

    /// <summary>A rollout goes on with the units of the test whose winner it rolls out.</summary>
    private static bool AreOne(TrafficClaim a, TrafficClaim b) =>
        a.ExperimentId == b.ExperimentId || a.ExperimentId == b.RolloutOf || b.ExperimentId == a.RolloutOf;

    private static string Text(int basisPoints) => basisPoints.ToString("N0", CultureInfo.InvariantCulture);
}
