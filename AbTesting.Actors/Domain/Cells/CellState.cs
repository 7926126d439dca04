using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// One hash cell of one test: each unit's first exposure, by time, and what came of it. A unit seen in two arms leaves the
/// statistics; an outcome whose unit was not exposed yet waits for the exposure. Nothing depends on the order of arrival.
/// </summary>
/// <param name="Ids">Of what was accepted; a cell knows its repetitions as long as it lives.</param>
/// <param name="Kept">Outcomes that an exposure may still decide on: those that wait for the first, and see <see cref="Reach"/>.</param>
/// <param name="Waiting">How many of these wait for the first; no more than <see cref="MaxWaiting"/> are taken.</param>
/// <param name="Untimely">Outcomes that count in no metric: from before the exposure, or outside of their time after it.</param>
/// <param name="Revision">Rises by one with every event; a report of a higher revision replaces a lower one.</param>
public sealed record CellState(
    string CellId,
    UnitTable Units,
    AcceptedIds Ids,
    CellTotals Totals,
    OutcomeTable Kept,
    long Waiting,
    long Revision,
    long Crossed,
    long Untimely
) : IEntityState<CellState>
{
    public const int MaxWaiting = 10_000;

    /// <summary>3: it holds the outcomes that are kept.</summary>
    public static uint SnapshotVersion => 3;

    public ImmutableArray<string> Arms => Totals.Arms;

    public MetricLayout Layout => Totals.Layout;

    public SegmentLayout Segments => Totals.Segments;

    public static CellState Empty(string entityId) =>
        new(entityId, UnitTable.Empty(0), AcceptedIds.Empty, CellTotals.Empty, OutcomeTable.Empty, 0, 0, 0, 0);

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            ConfigureCell c => Decide(c),
            RecordExposure c => CellRules.Check(this, c, now) is { } bad ? Decision.Refuse(bad) : Decide(c, now),
            RecordOutcome c => CellRules.Check(this, c, now) is { } bad ? Decision.Refuse(bad) : Decide(c, now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CellState Apply(IEvent e) =>
        e switch
        {
            CellConfigured c => Configure(c.Arms, c.Metrics, c.Segments),
            ExposureRecorded exposure => (Expose(exposure) with { Revision = Revision + 1 }).Accept(
                exposure.Header,
                exposure.Unit,
                exposure.Command
            ),
            OutcomeRecorded outcome => (Take(outcome) with { Revision = Revision + 1 }).Accept(
                outcome.Header,
                outcome.Unit,
                outcome.Command
            ),
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    /// <summary>As if all had the time they need.</summary>
    public IWireMessage Answer(IQuery query) => Answer(query, long.MaxValue);

    /// <summary>A cell that was never told what to count is none.</summary>
    /// <param name="until">See <see cref="MatureTotals"/>.</param>
    public IWireMessage Answer(IQuery query, long until) =>
        query is not GetCell get ? throw new NotSupportedException(query.GetType().Name)
        : Layout.Count == 0 ? new NotFoundReply { Region = RegionNames.AbCell, EntityId = CellId }
        : Describe(get, MatureTotals.Of(this, until));

    private CellReply Describe(GetCell get, MatureTotals mature) =>
        new()
        {
            ExperimentId = get.ExperimentId,
            Cell = get.Cell,
            Revision = Revision,
            Arms = { mature.Statistics },
            Units = Units.Count,
            WaitingOutcomes = Waiting,
            UntimelyOutcomes = Untimely,
            CrossedUnits = Crossed,
            Segments = { mature.Totals.SegmentStatistics },
        };

    /// <summary>Whole, in order of phase, arm and metric.</summary>
    public IEnumerable<ArmStatistics> Statistics => Totals.Statistics;

    public IWireMessage ToSnapshot()
    {
        var snapshot = new CellSnapshot
        {
            Arms = { Arms },
            Metrics = { Enumerable.Range(0, Layout.Count).Select(m => Layout[m]) },
            Segments = { Segments.All },
            Revision = Revision,
            Untimely = Untimely,
        };
        var codes = new byte[Units.Count * Segments.Bytes];
        var at = 0;
        foreach (var (key, head, values, segment) in Units.All())
        {
            snapshot.Keys.Add(key);
            snapshot.Heads.Add(head.Packed);
            snapshot.Values.AddRange(values);
            for (var b = 0; b < Segments.Bytes; b++)
            {
                codes[at++] = (byte)(segment >> (8 * b));
            }
        }

        Ids.CopyTo(snapshot);
        Kept.CopyTo(snapshot);
        snapshot.SegmentCodes = UnsafeByteOperations.UnsafeWrap(codes);
        return snapshot;
    }

    public static CellState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (CellSnapshot)snapshot;
        var empty = Empty(entityId).Configure(s.Arms, s.Metrics, s.Segments);
        var units =
            s.Keys.Count == 0
                ? empty.Units
                : UnitTable.Restore(empty.Layout.Columns, s.Keys, s.Heads, [.. s.Values], s.SegmentCodes.ToByteArray());
        return empty with
        {
            Units = units,
            Ids = AcceptedIds.From(s),
            Totals = empty.Totals.CountAll(units),
            Kept = OutcomeTable.From(s),
            Waiting = s.KeptUnits.LongCount(u => !units.TryGet(u, out _, out _)),
            Revision = s.Revision,
            Crossed = units.All().LongCount(u => u.Head.IsCrossed),
            Untimely = s.Untimely,
        };
    }

    private Decision Decide(ConfigureCell c) =>
        c.Arms.SequenceEqual(Arms)
        && c.Metrics.SequenceEqual(Enumerable.Range(0, Layout.Count).Select(m => Layout[m]))
        && c.Segments.SequenceEqual(Segments.All)
            ? Decision.Nothing
            : Decision.Accept(
                new CellConfigured
                {
                    Arms = { c.Arms },
                    Metrics = { c.Metrics },
                    Segments = { c.Segments },
                }
            );

    private Decision Decide(RecordExposure c, DateTimeOffset now)
    {
        var (key, command) = (Key(c.Unit), AsSent(c));
        if (Ids.Recognise(key, c, command) is { } recognised)
        {
            return recognised;
        }

        var at = c.OccurredAt ?? Timestamp.FromDateTimeOffset(now);
        var placed = Placement.Of(c, Arms, at.ToDateTimeOffset());
        if (placed.Rejection is { } misfit)
        {
            return Decision.Refuse(misfit);
        }

        // Only an earlier exposure, or one in another arm, changes anything.
        var known = Units.TryGet(key, out var head, out _);
        return known && (head.IsCrossed || (Arms[head.Arm] == placed.Arm && at.Seconds >= head.ExposedAt))
            ? Decision.Nothing
            : Decision.Accept(
                new ExposureRecorded
                {
                    Unit = c.Unit,
                    Arm = placed.Arm,
                    Phase = placed.Phase,
                    OccurredAt = at,
                    Before = { c.Before },
                    Segments = { Segments.Read(c.User) },
                    Command = command,
                }
            );
    }

    private Decision Decide(RecordOutcome c, DateTimeOffset now)
    {
        var (key, command) = (Key(c.Unit), AsSent(c));
        if (Ids.Recognise(key, c, command) is { } recognised)
        {
            return recognised;
        }

        var at = c.OccurredAt ?? Timestamp.FromDateTimeOffset(now);
        var known = Units.TryGet(key, out var head, out var values);
        var outcome = Outcome(c.Metric, c.Value, at);
        var misfit =
            Placement.Check(c, at.ToDateTimeOffset())
            ?? (known ? null : CellRules.CheckRoom(this, c))
            ?? CellRules.CheckSum(c, Reach.Most(Layout, outcome, known, head, values, Kept.Of(key)));
        if (misfit is not null)
        {
            return Decision.Refuse(misfit);
        }

        // What is done once and for all needs no second event; what a crossed unit does counts nowhere.
        return known && (head.IsCrossed || Layout.For(outcome.Name).All(p => IsDone(p.Metric, head, outcome)))
            ? Decision.Nothing
            : Decision.Accept(
                new OutcomeRecorded
                {
                    Unit = c.Unit,
                    Metric = c.Metric,
                    Value = c.Value,
                    OccurredAt = at,
                    Command = command,
                }
            );
    }

    private bool IsDone(int metric, UnitHead head, KeptOutcome outcome) =>
        Layout.IsBinary(metric)
        && head.Has(metric)
        && !Layout.HasEnd(metric)
        && Layout.TimingOf(metric, outcome.At - (long)head.ExposedAt) == Timing.InTime;

    /// <summary>Segments are fixed before the first unit comes.</summary>
    private CellState Configure(IEnumerable<string> arms, IEnumerable<Metric> metrics, IEnumerable<Segment> segments)
    {
        var totals = Totals.Configure(arms, metrics, segments);
        var columns = totals.Layout.Columns;
        return this with
        {
            Units = Units.Count == 0 ? UnitTable.Empty(columns, totals.Segments.Bytes) : Units.Widen(columns),
            Totals = totals,
            Revision = Revision + 1,
        };
    }

    private CellState Expose(ExposureRecorded e)
    {
        var (key, arm) = (Key(e.Unit), (byte)Arms.IndexOf(e.Arm, StringComparer.Ordinal));
        var known = Units.TryGet(key, out var head, out var values);
        if (known && (head.IsCrossed || (head.Arm == arm && e.OccurredAt.Seconds >= head.ExposedAt)))
        {
            return this;
        }

        if (known && head.Arm != arm)
        {
            return Cross(key, head, values);
        }

        Span<long> fresh = stackalloc long[Layout.Columns];
        values.CopyTo(fresh);
        Layout.Before(e.Before, fresh);
        var first = new UnitHead((uint)e.OccurredAt.Seconds, arm, (byte)e.Phase, head.Done);
        var kept = Kept.Of(key);
        var (after, untimely, open) = Reach.Into(Layout, kept, known ? head.ExposedAt : null, first, fresh);
        var without = known ? Count(key, head, values, -1) : this;
        return (
            without with
            {
                Units = Units.Set(key, after, fresh, Segments.Encode(e.Segments)),
                Kept = Kept.Keep(key, open),
                Waiting = Waiting - (known ? 0 : kept.Length),
                Untimely = Untimely + untimely,
            }
        ).Count(key, after, fresh, 1);
    }

    /// <summary>Seen in two arms: neither has it.</summary>
    private CellState Cross(ulong key, UnitHead head, ReadOnlySpan<long> values) =>
        Count(key, head, values, -1) with
        {
            Units = Units.Set(key, head with { Arm = UnitHead.Crossed }, values),
            Kept = Kept.Keep(key, []),
            Crossed = Crossed + 1,
        };

    private CellState Take(OutcomeRecorded e)
    {
        var (key, outcome) = (Key(e.Unit), Outcome(e.Metric, e.Value, e.OccurredAt));
        if (!Units.TryGet(key, out var head, out var values))
        {
            return this with { Kept = Kept.Add(key, outcome), Waiting = Waiting + 1 };
        }

        if (head.IsCrossed)
        {
            return this;
        }

        Span<long> reached = stackalloc long[Layout.Columns];
        values.CopyTo(reached);
        var (after, untimely, open) = Reach.Into(Layout, [outcome], before: null, head, reached);
        var kept = open.IsEmpty ? Kept : Kept.Add(key, outcome);
        return untimely > 0
            ? this with
            {
                Kept = kept,
                Untimely = Untimely + untimely,
            }
            : Count(key, head, values, -1).Count(key, after, reached, 1) with
            {
                Units = Units.Set(key, after, reached),
                Kept = kept,
            };
    }

    private CellState Count(ulong unit, UnitHead head, ReadOnlySpan<long> values, int sign) =>
        this with
        {
            Totals = Totals.Count(head, values, Units.SegmentOf(unit), sign),
        };

    private CellState Accept(EventHeader? header, string unit, ulong command) =>
        header is null
            ? this
            : this with
            {
                Ids = Ids.With(
                    AcceptedIds.IdOf(Key(unit), header.CausationId),
                    new AcceptedIds.Accepted(command, (uint)Revision)
                ),
            };

    private KeptOutcome Outcome(string metric, double value, Timestamp at) =>
        new((uint)at.Seconds, (byte)Layout.NameOf(metric), ArmTotals.Millionths(value));

    /// <summary>What the sender sent: what the service added is no part of it.</summary>
    private static ulong AsSent(ICommand command)
    {
        if (command is RecordExposure { Test: not null } exposure)
        {
            var sent = exposure.Clone();
            sent.Test = null;
            return CommandDigest.Of(sent).ToShort();
        }

        if (command is RecordOutcome { Test: not null } outcome)
        {
            var sent = outcome.Clone();
            sent.Test = null;
            return CommandDigest.Of(sent).ToShort();
        }

        return CommandDigest.Of(command).ToShort();
    }

    private static ulong Key(string unit) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(unit));
}
