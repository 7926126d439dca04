using RalmActors.AbTesting.Domain.Cells;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>By what a report may be split.</summary>
internal static class SegmentRules
{
    public const int MaxSegments = 4;
    public const int MaxValues = 8;

    /// <summary>Statistics of one report of a cell: it is one message, and one event.</summary>
    public const int MaxStatistics = 1000;

    public static Rejection? Check(ExperimentDefinition d)
    {
        if (d.Segments.Count > MaxSegments)
        {
            return Rejections.Invalid("definition.segments", d.Segments.Count, $"must be at most {MaxSegments}");
        }

        var features = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < d.Segments.Count; i++)
        {
            if (Check($"definition.segments[{i}]", d.Segments[i], features) is { } bad)
            {
                return bad;
            }
        }

        var statistics = d.Arms.Count * d.Metrics.Count * d.Segments.Sum(s => s.Values.Count + 1);
        return statistics <= MaxStatistics
            ? null
            : Rejections.Invalid(
                "definition.segments",
                statistics,
                $"values (and one more each) times arms times metrics must be at most {MaxStatistics:N0}"
            );
    }

    private static Rejection? Check(string field, Segment segment, HashSet<string> features)
    {
        if (Ids.Check($"{field}.feature", segment.Feature) is { } bad)
        {
            return bad;
        }

        if (!features.Add(segment.Feature))
        {
            return Rejections.Invalid($"{field}.feature", segment.Feature, "must not come twice");
        }

        if (segment.Values.Count is < 1 or > MaxValues)
        {
            return Rejections.Invalid($"{field}.values", segment.Values.Count, $"must be 1 to {MaxValues}");
        }

        for (var v = 0; v < segment.Values.Count; v++)
        {
            var value = segment.Values[v];
            var rule =
                value.Length is < 1 or > Ids.MaxLength ? $"must be 1 to {Ids.MaxLength} characters"
                : value == SegmentLayout.Other ? "is what all other values are called"
                : segment.Values.IndexOf(value) < v ? "must not come twice"
                : null;
            if (rule is not null)
            {
                return Rejections.Invalid($"{field}.values[{v}]", value, rule);
            }
        }

        return null;
    }
}
