using System.Collections.Immutable;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// What outcomes make of a unit. Which exposure is a unit's first is decided by time, not by arrival: when an earlier one
/// arrives, every outcome is later after it than it was, so that some count only now and some no more.
/// </summary>
internal static class Reach
{
    /// <summary>Brings outcomes into a unit whose first exposure is the head's.</summary>
    /// <param name="outcomes">New ones; or, where the exposure has moved, all that are kept of the unit.</param>
    /// <param name="before">What the first exposure was when these outcomes were looked at last; null: they were not.</param>
    /// <param name="values">Of the unit; changed.</param>
    /// <returns>
    /// The head; by how many the outcomes that count nowhere have become more; and those of whose place a still earlier
    /// exposure would decide again.
    /// </returns>
    public static (UnitHead Head, long Untimely, ImmutableArray<KeptOutcome> Open) Into(
        MetricLayout layout,
        IReadOnlyList<KeptOutcome> outcomes,
        uint? before,
        UnitHead head,
        Span<long> values
    )
    {
        var (untimely, undone) = (0L, 0);
        var open = ImmutableArray.CreateBuilder<KeptOutcome>();
        foreach (var outcome in outcomes)
        {
            var (counts, counted, isOpen) = (false, before is null, false);
            foreach (var (m, isDenominator) in layout.For(outcome.Name))
            {
                var now = layout.TimingOf(m, outcome.At - (long)head.ExposedAt);
                var was = before is { } then ? layout.TimingOf(m, outcome.At - (long)then) : Timing.Early;
                if (now == Timing.InTime && was != Timing.InTime)
                {
                    layout.Add(m, isDenominator, outcome.Value, values);
                    head = layout.IsBinary(m) && outcome.Value > 0 ? head.With(m) : head;
                }
                else if (now != Timing.InTime && was == Timing.InTime)
                {
                    layout.Add(m, isDenominator, -outcome.Value, values);
                    undone |= 1 << m;
                }

                counts |= now == Timing.InTime;
                counted |= was == Timing.InTime;
                isOpen |= now == Timing.Early || (now == Timing.InTime && layout.HasEnd(m));
            }

            untimely += (counts ? 0 : 1) - (counted ? 0 : 1);
            if (isOpen)
            {
                open.Add(outcome);
            }
        }

        for (var m = 0; m < layout.Count; m++)
        {
            if ((undone & (1 << m)) != 0 && layout.IsBinary(m) && !Happened(layout, m, outcomes, head))
            {
                head = head.Without(m);
            }
        }

        return (head, untimely, open.ToImmutable());
    }

    /// <summary>Of a metric with an end all outcomes are kept that count.</summary>
    private static bool Happened(MetricLayout layout, int metric, IReadOnlyList<KeptOutcome> outcomes, UnitHead head) =>
        outcomes.Any(o =>
            o.Value > 0
            && layout.TimingOf(metric, o.At - (long)head.ExposedAt) == Timing.InTime
            && layout.For(o.Name).Any(p => p.Metric == metric)
        );

    /// <summary>
    /// The most a unit's sum can come to with one more outcome, whichever of its outcomes count in the end.
    /// </summary>
    /// <param name="isKnown">It was exposed: the head and values are its own.</param>
    public static Int128 Most(
        MetricLayout layout,
        KeptOutcome outcome,
        bool isKnown,
        UnitHead head,
        ReadOnlySpan<long> values,
        ImmutableArray<KeptOutcome> kept
    )
    {
        Int128 most = 0;
        foreach (var (m, isDenominator) in layout.For(outcome.Name))
        {
            if (layout.IsBinary(m))
            {
                continue;
            }

            // What counts for good is in the sum; what may come in or go out again is taken by its size.
            Int128 settled = isKnown ? layout.SumOf(m, isDenominator, values) : 0;
            Int128 loose = 0;
            foreach (var other in kept)
            {
                if (other.Name != outcome.Name)
                {
                    continue;
                }

                var isIn = isKnown && layout.TimingOf(m, other.At - (long)head.ExposedAt) == Timing.InTime;
                settled -= isIn ? other.Value : 0;
                loose += Int128.Abs(other.Value);
            }

            var isSettled =
                isKnown && !layout.HasEnd(m) && layout.TimingOf(m, outcome.At - (long)head.ExposedAt) == Timing.InTime;
            var sum = isSettled
                ? Int128.Abs(settled + outcome.Value) + loose
                : Int128.Abs(settled) + loose + Int128.Abs(outcome.Value);
            most = Int128.Max(most, sum);
        }

        return most;
    }
}
