using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>All cells together: a report comes in, and the one it replaces goes out.</summary>
internal static class MergedTotals
{
    /// <summary>Sums are exact, so taking a report out leaves nothing of it behind.</summary>
    public static ImmutableSortedDictionary<ArmKey, ArmTotals> Add(
        ImmutableSortedDictionary<ArmKey, ArmTotals> merged,
        CellReported cell,
        int sign
    )
    {
        var sum = merged.ToBuilder();
        foreach (var arm in cell.Arms)
        {
            var key = new ArmKey(arm.Phase, arm.Arm, arm.Metric);
            var totals = ArmTotals.Of(arm);
            sum[key] = sum.GetValueOrDefault(key).Merge(sign > 0 ? totals : totals.Negated);
        }

        return sum.ToImmutable();
    }

    public static ImmutableSortedDictionary<SegmentKey, ArmTotals> AddSegments(
        ImmutableSortedDictionary<SegmentKey, ArmTotals> merged,
        CellReported cell,
        int sign
    )
    {
        if (cell.Segments.Count == 0)
        {
            return merged;
        }

        var sum = merged.ToBuilder();
        foreach (var part in cell.Segments)
        {
            var (key, totals) = (SegmentKey.Of(part), ArmTotals.Of(part));
            sum[key] = sum.GetValueOrDefault(key).Merge(sign > 0 ? totals : totals.Negated);
        }

        return sum.ToImmutable();
    }
}
