using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>
/// One hash cell of one test: each unit's first exposure and what came of it. A unit seen in two arms is counted apart
/// and leaves the statistics; an outcome whose unit was not exposed waits for the exposure.
/// </summary>
/// <param name="Revision">Rises with every change; a report of a higher revision replaces a lower one.</param>
public sealed record CellState(
    string CellId,
    ImmutableDictionary<string, CellState.Unit> Units,
    ImmutableSortedDictionary<ArmKey, ArmTotals> Totals,
    long Revision,
    long Crossed,
    long Orphans
) : IEntityState<CellState>
{
    /// <param name="Arm">Empty while only outcomes are known.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Unit(string Arm, int Phase, double Value, bool Crossed);

    public static CellState Empty(string entityId) =>
        new(
            entityId,
            ImmutableDictionary.Create<string, Unit>(StringComparer.Ordinal),
            ImmutableSortedDictionary<ArmKey, ArmTotals>.Empty,
            0,
            0,
            0
        );

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            RecordExposure c => Decide(c),
            RecordOutcome c => Decide(c),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public CellState Apply(IEvent e) =>
        e switch
        {
            ExposureRecorded exposure => Expose(exposure),
            OutcomeRecorded outcome => Reach(outcome),
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
                OrphanOutcomes = Orphans,
                CrossedUnits = Crossed,
            }
            : throw new NotSupportedException(query.GetType().Name);

    /// <summary>Whole, in order of phase and arm.</summary>
    public IEnumerable<ArmStatistics> Statistics => Totals.Select(t => t.Value.ToMessage(t.Key));

    public IWireMessage ToSnapshot() =>
        new CellSnapshot
        {
            Revision = Revision,
            CrossedUnits = Crossed,
            OrphanOutcomes = Orphans,
            Units =
            {
                Units
                    .OrderBy(u => u.Key, StringComparer.Ordinal)
                    .Select(u => new UnitState
                    {
                        Unit = u.Key,
                        Arm = u.Value.Arm,
                        Phase = u.Value.Phase,
                        Value = u.Value.Value,
                        Crossed = u.Value.Crossed,
                    }),
            },
        };

    public static CellState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var cell = (CellSnapshot)snapshot;
        var units = cell.Units.ToImmutableDictionary(
            u => u.Unit,
            u => new Unit(u.Arm, u.Phase, u.Value, u.Crossed),
            StringComparer.Ordinal
        );
        var totals = units
            .Values.Where(u => u.Arm.Length > 0 && !u.Crossed)
            .GroupBy(u => new ArmKey(u.Phase, u.Arm))
            .ToImmutableSortedDictionary(g => g.Key, g => g.Aggregate(default(ArmTotals), (t, u) => t.Add(u.Value)));
        return new CellState(entityId, units, totals, cell.Revision, cell.CrossedUnits, cell.OrphanOutcomes);
    }

    private Decision Decide(RecordExposure c)
    {
        var rejection = CheckCell(c) ?? Ids.Check("unit", c.Unit) ?? Ids.Check("arm", c.Arm);
        if (rejection is not null)
        {
            return new Decision([], rejection);
        }

        var unit = Units.GetValueOrDefault(c.Unit);
        return unit.Crossed || string.Equals(unit.Arm, c.Arm, StringComparison.Ordinal)
            ? Decision.Nothing
            : Decision.Accept(
                new ExposureRecorded
                {
                    Unit = c.Unit,
                    Arm = c.Arm,
                    Phase = c.Phase,
                }
            );
    }

    private Decision Decide(RecordOutcome c)
    {
        var rejection =
            CheckCell(c)
            ?? Ids.Check("unit", c.Unit)
            ?? (
                double.IsFinite(c.Value)
                    ? null
                    : Decision
                        .Invalid("value", c.Value.ToString(CultureInfo.InvariantCulture), "must be a finite number")
                        .Rejection
            );
        return rejection is not null ? new Decision([], rejection)
            // The metric is binary: a unit converts once.
            : Units.GetValueOrDefault(c.Unit).Value > 0 ? Decision.Nothing
            : Decision.Accept(
                new OutcomeRecorded
                {
                    Unit = c.Unit,
                    Metric = c.Metric,
                    Value = c.Value,
                }
            );
    }

    private Rejection? CheckCell(ICellMessage message) =>
        string.Equals(message.EntityId, CellId, StringComparison.Ordinal)
            ? null
            : Decision.Invalid("cell", message.Cell, $"must route to {CellId}").Rejection;

    private CellState Expose(ExposureRecorded e)
    {
        var unit = Units.GetValueOrDefault(e.Unit, new Unit("", 0, 0, false));
        var key = new ArmKey(e.Phase, e.Arm);
        return unit.Arm switch
        {
            "" => this with
            {
                Units = Units.SetItem(e.Unit, unit with { Arm = e.Arm, Phase = e.Phase }),
                Totals = Totals.SetItem(key, Totals.GetValueOrDefault(key).Add(unit.Value)),
                Revision = Revision + 1,
                Orphans = Orphans - (unit.Value > 0 ? 1 : 0),
            },
            _ => this with
            {
                Units = Units.SetItem(e.Unit, unit with { Crossed = true }),
                Totals = Totals.SetItem(
                    new ArmKey(unit.Phase, unit.Arm),
                    Totals[new ArmKey(unit.Phase, unit.Arm)].Remove(unit.Value)
                ),
                Revision = Revision + 1,
                Crossed = Crossed + 1,
            },
        };
    }

    private CellState Reach(OutcomeRecorded e)
    {
        var unit = Units.GetValueOrDefault(e.Unit, new Unit("", 0, 0, false));
        var reached = unit with { Value = e.Value };
        var key = new ArmKey(unit.Phase, unit.Arm);
        var counts = unit.Arm.Length > 0 && !unit.Crossed;
        return this with
        {
            Units = Units.SetItem(e.Unit, reached),
            Totals = counts ? Totals.SetItem(key, Totals[key].Remove(unit.Value).Add(reached.Value)) : Totals,
            Revision = Revision + 1,
            Orphans = Orphans + (unit.Arm.Length == 0 && e.Value > 0 ? 1 : 0),
        };
    }
}
