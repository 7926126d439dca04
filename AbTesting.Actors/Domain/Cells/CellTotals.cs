using System.Collections.Immutable;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>What a cell's units add up to: per phase, arm and metric, and per segment. Units come and go one by one.</summary>
public sealed record CellTotals(
    ImmutableArray<string> Arms,
    MetricLayout Layout,
    SegmentLayout Segments,
    ImmutableSortedDictionary<ArmKey, ArmTotals> ByArm,
    ImmutableSortedDictionary<SegmentKey, ArmTotals> BySegment
)
{
    public static readonly CellTotals Empty = new(
        [],
        new MetricLayout([]),
        new SegmentLayout([]),
        ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
        ImmutableSortedDictionary<SegmentKey, ArmTotals>.Empty
    );

    /// <summary>Whole, in order of phase, arm and metric.</summary>
    public IEnumerable<ArmStatistics> Statistics => ByArm.Select(t => t.Value.ToMessage(t.Key));

    /// <summary>Those with units, in order of feature, value, arm and metric.</summary>
    public IEnumerable<SegmentStatistics> SegmentStatistics =>
        BySegment.Where(t => t.Value.Units > 0).Select(t => t.Value.ToMessage(t.Key));

    /// <summary>Metrics that are added count from zero for the units that are there.</summary>
    public CellTotals Configure(IEnumerable<string> arms, IEnumerable<Metric> metrics, IEnumerable<Segment> segments)
    {
        var layout = new MetricLayout(metrics);
        string[] names = [.. Enumerable.Range(0, layout.Count).Select(m => layout[m].Name)];
        return new CellTotals(
            [.. arms],
            layout,
            new SegmentLayout(segments),
            Widen(ByArm, key => key with { Metric = "" }, names, (key, name) => key with { Metric = name }),
            Widen(BySegment, key => key with { Metric = "" }, names, (key, name) => key with { Metric = name })
        );
    }

    /// <summary>Brings a unit into the totals of its arm, or takes it out.</summary>
    public CellTotals Count(UnitHead head, ReadOnlySpan<long> values, ushort segment, int sign)
    {
        var (byArm, bySegment) = (ByArm, BySegment);
        for (var m = 0; m < Layout.Count; m++)
        {
            var (y, x) = Layout.Read(m, head, values);
            byArm = Change(byArm, new ArmKey(head.Phase, Arms[head.Arm], Layout[m].Name), y, x, sign);
            foreach (var key in KeysOf(head.Arm, m, segment))
            {
                bySegment = Change(bySegment, key, y, x, sign);
            }
        }

        return this with
        {
            ByArm = byArm,
            BySegment = bySegment,
        };
    }

    /// <summary>The same less some units, each in one metric.</summary>
    public CellTotals Without(
        IEnumerable<(int Metric, UnitHead Head, ImmutableArray<long> Values, ushort Segment)> left
    )
    {
        var (byArm, bySegment) = (ByArm.ToBuilder(), BySegment.ToBuilder());
        foreach (var (m, head, values, segment) in left)
        {
            var (y, x) = Layout.Read(m, head, values.AsSpan());
            var key = new ArmKey(head.Phase, Arms[head.Arm], Layout[m].Name);
            byArm[key] = byArm[key].Remove(y, x);
            foreach (var part in KeysOf(head.Arm, m, segment))
            {
                bySegment[part] = bySegment[part].Remove(y, x);
            }
        }

        return this with
        {
            ByArm = byArm.ToImmutable(),
            BySegment = bySegment.ToImmutable(),
        };
    }

    /// <summary>The totals of all units of a table: those alike are added up first, so that a restart is quick.</summary>
    public CellTotals CountAll(UnitTable units)
    {
        var alike = new Dictionary<(byte Phase, byte Arm, ushort Segment), ArmTotals[]>();
        foreach (var (_, head, values, segment) in units.All())
        {
            if (head.IsCrossed)
            {
                continue;
            }

            if (!alike.TryGetValue((head.Phase, head.Arm, segment), out var sums))
            {
                alike[(head.Phase, head.Arm, segment)] = sums = new ArmTotals[Layout.Count];
            }

            for (var m = 0; m < sums.Length; m++)
            {
                var (y, x) = Layout.Read(m, head, values.AsSpan());
                sums[m] = sums[m].Add(y, x);
            }
        }

        var (byArm, bySegment) = (ByArm.ToBuilder(), BySegment.ToBuilder());
        foreach (var ((phase, arm, segment), sums) in alike)
        {
            for (var m = 0; m < sums.Length; m++)
            {
                var key = new ArmKey(phase, Arms[arm], Layout[m].Name);
                byArm[key] = byArm.GetValueOrDefault(key).Merge(sums[m]);
                foreach (var part in KeysOf(arm, m, segment))
                {
                    bySegment[part] = bySegment.GetValueOrDefault(part).Merge(sums[m]);
                }
            }
        }

        return this with
        {
            ByArm = byArm.ToImmutable(),
            BySegment = bySegment.ToImmutable(),
        };
    }

    private IEnumerable<SegmentKey> KeysOf(byte arm, int metric, ushort segment) =>
        Enumerable
            .Range(0, Segments.Count)
            .Select(s => new SegmentKey(
                Segments.FeatureOf(s),
                Segments.ValueOf(s, segment),
                Arms[arm],
                Layout[metric].Name
            ));

    private static ImmutableSortedDictionary<TKey, ArmTotals> Change<TKey>(
        ImmutableSortedDictionary<TKey, ArmTotals> totals,
        TKey key,
        long y,
        long x,
        int sign
    )
        where TKey : notnull
    {
        var before = totals.GetValueOrDefault(key);
        return totals.SetItem(key, sign > 0 ? before.Add(y, x) : before.Remove(y, x));
    }

    private static ImmutableSortedDictionary<TKey, ArmTotals> Widen<TKey>(
        ImmutableSortedDictionary<TKey, ArmTotals> totals,
        Func<TKey, TKey> units,
        string[] metrics,
        Func<TKey, string, TKey> with
    )
        where TKey : notnull
    {
        var wider = totals.ToBuilder();
        foreach (var group in totals.GroupBy(t => units(t.Key)))
        {
            var none = default(ArmTotals) with { Units = group.First().Value.Units };
            foreach (var metric in metrics)
            {
                wider.TryAdd(with(group.Key, metric), none);
            }
        }

        return wider.ToImmutable();
    }
}
