using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// A cell's totals without the units whose time is not over: what they did so far says how soon they answer, not what they
/// will have done. Of metrics that count at once, all.
/// </summary>
/// <param name="Waiting">Units left out, per phase, arm and metric.</param>
/// <param name="NextAt">When the next of them counts, in seconds since 1970; 0: none is left out.</param>
public sealed record MatureTotals(CellTotals Totals, ImmutableSortedDictionary<ArmKey, long> Waiting, long NextAt)
{
    /// <summary>Whole, in order of phase, arm and metric.</summary>
    public IEnumerable<ArmStatistics> Statistics =>
        Totals.ByArm.Select(t => (t.Value with { Waiting = Waiting.GetValueOrDefault(t.Key) }).ToMessage(t.Key));

    /// <param name="until">Seconds since 1970: units whose time was over before are in.</param>
    public static MatureTotals Of(CellState cell, long until)
    {
        var layout = cell.Layout;
        if (!layout.HasMaturity)
        {
            return new MatureTotals(cell.Totals, ImmutableSortedDictionary<ArmKey, long>.Empty, 0);
        }

        var left = new List<(int Metric, UnitHead Head, ImmutableArray<long> Values, ushort Segment)>();
        var (waiting, next) = (ImmutableSortedDictionary<ArmKey, long>.Empty.ToBuilder(), long.MaxValue);
        // Only the newest units are looked at: the others' time is over whatever the metric.
        foreach (var (head, values, segment) in cell.Units.ExposedFrom(until - layout.Maturity.Max()))
        {
            for (var m = 0; m < layout.Count; m++)
            {
                var over = head.ExposedAt + layout.Maturity[m];
                if (layout.Maturity[m] > 0 && over >= until)
                {
                    left.Add((m, head, values, segment));
                    var key = new ArmKey(head.Phase, cell.Arms[head.Arm], layout[m].Name);
                    waiting[key] = waiting.GetValueOrDefault(key) + 1;
                    next = Math.Min(next, over + 1);
                }
            }
        }

        return new MatureTotals(cell.Totals.Without(left), waiting.ToImmutable(), left.Count == 0 ? 0 : next);
    }
}
