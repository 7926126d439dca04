using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// One hash cell of one test: each unit's first exposure and what came of it. A unit seen in two arms leaves the
/// statistics; an outcome whose unit was not exposed yet waits for the exposure.
/// </summary>
/// <param name="Waiting">Outcomes by unit, newest last; at most <see cref="MostWaiting"/>, then the oldest unit's go.</param>
/// <param name="Untimely">Outcomes from before the exposure or after their window: counted, not used.</param>
/// <param name="Revision">Rises with every change; a report of a higher revision replaces a lower one.</param>
public sealed record CellState(
    string CellId,
    ImmutableArray<string> Arms,
    MetricLayout Layout,
    UnitTable Units,
    ImmutableSortedDictionary<ArmKey, ArmTotals> Totals,
    ImmutableList<CellState.Early> Waiting,
    long Revision,
    long Crossed,
    long Untimely,
    long Dropped
) : IEntityState<CellState>
{
    public const int MostWaiting = 10_000;

    /// <summary>An outcome that came before its exposure.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Early(ulong Unit, string Metric, double Value, DateTimeOffset At);

    public static CellState Empty(string entityId) =>
        new(
            entityId,
            [],
            new MetricLayout([]),
            UnitTable.Empty(0),
            ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
            [],
            0,
            0,
            0,
            0
        );

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            ConfigureCell c => Decide(c),
            RecordExposure c => CellRules.Check(this, c, now) is { } bad ? new Decision([], bad) : Decide(c, now),
            RecordOutcome c => CellRules.Check(this, c, now) is { } bad ? new Decision([], bad) : Decide(c, now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CellState Apply(IEvent e) =>
        e switch
        {
            CellConfigured configured => Configure(configured.Arms, configured.Metrics),
            ExposureRecorded exposure => Expose(exposure),
            OutcomeRecorded outcome => Reach(
                Key(outcome.Unit),
                outcome.Metric,
                outcome.Value,
                outcome.OccurredAt.ToDateTimeOffset()
            ) with
            {
                Revision = Revision + 1,
            },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) =>
        query is GetCell get
            ? new CellReply
            {
                TestId = get.TestId,
                Cell = get.Cell,
                Revision = Revision,
                Arms = { Statistics },
                Units = Units.Count,
                WaitingOutcomes = Waiting.Count,
                UntimelyOutcomes = Untimely,
                CrossedUnits = Crossed,
            }
            : throw new NotSupportedException(query.GetType().Name);

    /// <summary>Whole, in order of phase, arm and metric.</summary>
    public IEnumerable<ArmStatistics> Statistics => Totals.Select(t => t.Value.ToMessage(t.Key));

    public IWireMessage ToSnapshot()
    {
        var snapshot = new CellSnapshot
        {
            Arms = { Arms },
            Metrics = { Enumerable.Range(0, Layout.Count).Select(m => Layout[m]) },
            Revision = Revision,
            Untimely = Untimely,
            Dropped = Dropped,
            Waiting =
            {
                Waiting.Select(w => new WaitingOutcome
                {
                    Unit = w.Unit,
                    Metric = w.Metric,
                    Value = w.Value,
                    OccurredAt = Timestamp.FromDateTimeOffset(w.At),
                }),
            },
        };
        foreach (var (key, head, values) in Units.All())
        {
            snapshot.Keys.Add(key);
            snapshot.Heads.Add(head.Packed);
            snapshot.Values.AddRange(values);
        }

        return snapshot;
    }

    public static CellState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (CellSnapshot)snapshot;
        var empty = Empty(entityId).Configure(s.Arms, s.Metrics);
        var units = UnitTable.Restore(empty.Layout.Columns, s.Keys, s.Heads, [.. s.Values]);
        var totals = ImmutableSortedDictionary.CreateBuilder<ArmKey, ArmTotals>();
        var crossed = 0L;
        foreach (var (_, head, values) in units.All())
        {
            crossed += head.IsCrossed ? 1 : 0;
            for (var m = 0; m < empty.Layout.Count && !head.IsCrossed; m++)
            {
                var key = empty.KeyOf(head, m);
                var (y, x) = empty.Layout.Read(m, head, values.AsSpan());
                totals[key] = totals.GetValueOrDefault(key).Add(y, x);
            }
        }

        return empty with
        {
            Units = units,
            Totals = totals.ToImmutable(),
            Waiting = [.. s.Waiting.Select(w => new Early(w.Unit, w.Metric, w.Value, w.OccurredAt.ToDateTimeOffset()))],
            Revision = s.Revision,
            Crossed = crossed,
            Untimely = s.Untimely,
            Dropped = s.Dropped,
        };
    }

    private Decision Decide(ConfigureCell c) =>
        c.Arms.SequenceEqual(Arms) && c.Metrics.SequenceEqual(Enumerable.Range(0, Layout.Count).Select(m => Layout[m]))
            ? Decision.Nothing
            : Decision.Accept(new CellConfigured { Arms = { c.Arms }, Metrics = { c.Metrics } });

    private Decision Decide(RecordExposure c, DateTimeOffset now)
    {
        var known = Units.TryGet(Key(c.Unit), out var head, out _);
        return known && (head.IsCrossed || string.Equals(Arms[head.Arm], c.Arm, StringComparison.Ordinal))
            ? Decision.Nothing
            : Decision.Accept(
                new ExposureRecorded
                {
                    Unit = c.Unit,
                    Arm = c.Arm,
                    Phase = c.Phase,
                    OccurredAt = c.OccurredAt ?? Timestamp.FromDateTimeOffset(now),
                    Before = { c.Before },
                }
            );
    }

    private Decision Decide(RecordOutcome c, DateTimeOffset now)
    {
        var known = Units.TryGet(Key(c.Unit), out var head, out _);
        // What is done once needs no second event; what a crossed unit does counts nowhere.
        var changesNothing =
            known
            && (
                head.IsCrossed
                || Layout.For(c.Metric).All(p => Layout[p.Metric].Kind == MetricKind.Binary && head.Has(p.Metric))
            );
        return changesNothing
            ? Decision.Nothing
            : Decision.Accept(
                new OutcomeRecorded
                {
                    Unit = c.Unit,
                    Metric = c.Metric,
                    Value = c.Value,
                    OccurredAt = c.OccurredAt ?? Timestamp.FromDateTimeOffset(now),
                }
            );
    }

    /// <summary>Metrics that are added count from zero for the units that are there.</summary>
    private CellState Configure(IEnumerable<string> arms, IEnumerable<Metric> metrics)
    {
        var layout = new MetricLayout(metrics);
        var totals = Totals.ToBuilder();
        foreach (var group in Totals.GroupBy(t => (t.Key.Phase, t.Key.Arm)))
        {
            var units = group.First().Value.Units;
            for (var m = 0; m < layout.Count; m++)
            {
                var key = new ArmKey(group.Key.Phase, group.Key.Arm, layout[m].Name);
                totals.TryAdd(key, default(ArmTotals) with { Units = units });
            }
        }

        return this with
        {
            Arms = [.. arms],
            Layout = layout,
            Units = Units.Widen(layout.Columns),
            Totals = totals.ToImmutable(),
            Revision = Revision + 1,
        };
    }

    private CellState Expose(ExposureRecorded e)
    {
        var key = Key(e.Unit);
        if (Units.TryGet(key, out var head, out var values))
        {
            return Count(head, values, -1) with
            {
                Units = Units.Set(key, head with { Arm = UnitHead.Crossed }, values),
                Revision = Revision + 1,
                Crossed = Crossed + 1,
            };
        }

        Span<long> fresh = stackalloc long[Layout.Columns];
        foreach (var covariate in e.Before)
        {
            Layout.Before(covariate, fresh);
        }

        head = new UnitHead(
            (uint)e.OccurredAt.Seconds,
            (byte)Arms.IndexOf(e.Arm, StringComparer.Ordinal),
            (byte)e.Phase,
            0
        );
        var early = Waiting.FindAll(w => w.Unit == key);
        var exposed = Count(head, fresh, 1) with
        {
            Units = Units.Set(key, head, fresh),
            Waiting = early.IsEmpty ? Waiting : Waiting.RemoveAll(w => w.Unit == key),
            Revision = Revision + 1,
        };
        return early.Aggregate(exposed, (cell, w) => cell.Reach(key, w.Metric, w.Value, w.At));
    }

    private CellState Reach(ulong key, string metric, double value, DateTimeOffset at)
    {
        if (!Units.TryGet(key, out var head, out var values))
        {
            var full = Waiting.Count >= MostWaiting;
            return this with
            {
                Waiting = (full ? Waiting.RemoveAt(0) : Waiting).Add(new Early(key, metric, value, at)),
                Dropped = Dropped + (full ? 1 : 0),
            };
        }

        if (head.IsCrossed)
        {
            return this;
        }

        Span<long> reached = stackalloc long[Layout.Columns];
        values.CopyTo(reached);
        var (timely, after) = (false, head);
        foreach (var (m, isDenominator) in Layout.For(metric))
        {
            var late = at.ToUnixTimeSeconds() - head.ExposedAt;
            if (late >= 0 && (Layout[m].WindowSeconds == 0 || late <= Layout[m].WindowSeconds))
            {
                after = Layout.Add(m, isDenominator, ArmTotals.Millionths(value), after, reached);
                timely = true;
            }
        }

        return timely
            ? Count(head, values, -1).Count(after, reached, 1) with
            {
                Units = Units.Set(key, after, reached),
            }
            : this with
            {
                Untimely = Untimely + 1,
            };
    }

    /// <summary>Brings a unit into the totals of its arm, or takes it out.</summary>
    private CellState Count(UnitHead head, ReadOnlySpan<long> values, int sign)
    {
        var totals = Totals;
        for (var m = 0; m < Layout.Count; m++)
        {
            var key = KeyOf(head, m);
            var (y, x) = Layout.Read(m, head, values);
            var before = totals.GetValueOrDefault(key);
            totals = totals.SetItem(key, sign > 0 ? before.Add(y, x) : before.Remove(y, x));
        }

        return this with
        {
            Totals = totals,
        };
    }

    private ArmKey KeyOf(UnitHead head, int metric) => new(head.Phase, Arms[head.Arm], Layout[metric].Name);

    private static ulong Key(string unit) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(unit));
}
