using System.Collections.Immutable;
using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Cells;
using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>
/// Every segment as if it had been the whole test. Many are looked at, so p-values of one metric are adjusted for all of
/// them together (Benjamini and Hochberg 1995); intervals are each segment's own. Whatever the test's method, what is looked at any
/// time is measured by what is valid at any time.
/// </summary>
internal static class SegmentReport
{
    public static IReadOnlyList<SegmentEvidence> Of(ExperimentState experiment)
    {
        if (experiment.Definition is not { Segments.Count: > 0 } d)
        {
            return [];
        }

        SegmentEvidence[] all =
        [
            .. d
                .Segments.SelectMany(s => s.Values.Append(SegmentLayout.Other).Select(v => (s.Feature, Value: v)))
                .Select(s => Alone(experiment, s.Feature, s.Value))
                .OfType<SegmentEvidence>(),
        ];
        foreach (var family in all.SelectMany(s => s.Comparisons).GroupBy(c => c.Metric, StringComparer.Ordinal))
        {
            ArmComparison[] compared = [.. family];
            var adjusted = Multiplicity.BenjaminiHochberg([.. compared.Select(c => c.PValue)]);
            for (var i = 0; i < compared.Length; i++)
            {
                compared[i].AdjustedP = adjusted[i];
            }
        }

        return all;
    }

    /// <summary>Null where not two arms have units.</summary>
    private static SegmentEvidence? Alone(ExperimentState experiment, string feature, string value)
    {
        var d = experiment.Definition!;
        var totals = experiment
            .Segments.Where(t => t.Key.Feature == feature && t.Key.Value == value)
            .ToImmutableSortedDictionary(t => new ArmKey(1, t.Key.Arm, t.Key.Metric), t => t.Value);
        var alone = experiment with { Merged = totals, Phase = 1, Evidence = experiment.Evidence.Clear() };
        return InterimEvidence.Of(alone, Question.AtAnyTime(d)) is { } evidence
            ? new SegmentEvidence
            {
                Feature = feature,
                Value = value,
                Units = alone.UnitsOf(d.Metric),
                Comparisons = { evidence.All },
            }
            : null;
    }
}
