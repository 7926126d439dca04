using System.Collections.Immutable;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// One hash cell of one test: each unit's first exposure and what came of it. A unit seen in two arms leaves the
/// statistics; an outcome whose unit was not exposed yet waits for the exposure.
/// </summary>
/// <param name="Ids">Of what was accepted; a cell knows its repetitions as long as it lives.</param>
/// <param name="Waiting">Outcomes by unit, newest last; at most <see cref="MostWaiting"/>, then the oldest unit's go.</param>
/// <param name="Untimely">Outcomes from before the exposure or after their window: counted, not used.</param>
/// <param name="Revision">Rises by one with every event; a report of a higher revision replaces a lower one.</param>
public sealed record CellState(
    string CellId,
    UnitTable Units,
    AcceptedIds Ids,
    CellTotals Totals,
    ImmutableList<CellState.Early> Waiting,
    long Revision,
    long Crossed,
    long Untimely,
    long Dropped
) : IEntityState<CellState>
{
    public const int MostWaiting = 10_000;

    /// <summary>2: it holds the ids.</summary>
    public static uint SnapshotVersion => 2;

    public ImmutableArray<string> Arms => Totals.Arms;

    public MetricLayout Layout => Totals.Layout;

    public SegmentLayout Segments => Totals.Segments;

    /// <summary>An outcome that came before its exposure.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Early(ulong Unit, string Metric, double Value, DateTimeOffset At);

    public static CellState Empty(string entityId) =>
        new(entityId, UnitTable.Empty(0), AcceptedIds.Empty, CellTotals.Empty, [], 0, 0, 0, 0);

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            ConfigureCell c => Decide(c),
            RecordExposure c => CellRules.Check(this, c, now) is { } bad
                ? new Decision([], bad)
                : Decide(c, CommandDigest.Of(c).ToShort(), now),
            RecordOutcome c => CellRules.Check(this, c, now) is { } bad
                ? new Decision([], bad)
                : Decide(c, CommandDigest.Of(c).ToShort(), now),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CellState Apply(IEvent e) =>
        e switch
        {
            CellConfigured c => Configure(c.Arms, c.Metrics, c.Segments),
            ExposureRecorded exposure => Expose(exposure).Accept(exposure.Header, exposure.Unit, exposure.Command),
            OutcomeRecorded outcome => (
                Reach(Key(outcome.Unit), outcome.Metric, outcome.Value, outcome.OccurredAt.ToDateTimeOffset()) with
                {
                    Revision = Revision + 1,
                }
            ).Accept(outcome.Header, outcome.Unit, outcome.Command),
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
                Segments = { Totals.SegmentStatistics },
            }
            : throw new NotSupportedException(query.GetType().Name);

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
            Waiting = [.. s.Waiting.Select(w => new Early(w.Unit, w.Metric, w.Value, w.OccurredAt.ToDateTimeOffset()))],
            Revision = s.Revision,
            Crossed = units.All().LongCount(u => u.Head.IsCrossed),
            Untimely = s.Untimely,
            Dropped = s.Dropped,
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

    private Decision Decide(RecordExposure c, ulong command, DateTimeOffset now)
    {
        if (Ids.Recognise(Key(c.Unit), c, command) is { } recognised)
        {
            return recognised;
        }

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
                    Segments = { Segments.Read(c.User) },
                    Command = command,
                }
            );
    }

    private Decision Decide(RecordOutcome c, ulong command, DateTimeOffset now)
    {
        if (Ids.Recognise(Key(c.Unit), c, command) is { } recognised)
        {
            return recognised;
        }

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
                    Command = command,
                }
            );
    }

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
        var key = Key(e.Unit);
        if (Units.TryGet(key, out var head, out var values))
        {
            return Count(key, head, values, -1) with
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
        var known = this with { Units = Units.Set(key, head, fresh, Segments.Encode(e.Segments)) };
        var exposed = known.Count(key, head, fresh, 1) with
        {
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
            ? Count(key, head, values, -1).Count(key, after, reached, 1) with
            {
                Units = Units.Set(key, after, reached),
            }
            : this with
            {
                Untimely = Untimely + 1,
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

    private static ulong Key(string unit) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(unit));
}
