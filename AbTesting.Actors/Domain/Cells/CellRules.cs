using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>What a cell takes.</summary>
internal static class CellRules
{
    public static Rejection? Check(CellState cell, RecordExposure c, DateTimeOffset now) =>
        CheckRoute(cell, c, c.HasCell)
        ?? Ids.Check("unit", c.Unit)
        ?? (
            cell.Arms.Contains(c.Arm, StringComparer.Ordinal)
                ? null
                : Decision.Invalid("arm", c.Arm, $"must be one of {string.Join(", ", cell.Arms)}").Rejection
        )
        ?? (
            c.Phase is >= 1 and <= byte.MaxValue
                ? null
                : Decision.Invalid("phase", c.Phase, $"must be 1 to {byte.MaxValue}").Rejection
        )
        ?? Timestamps.CheckPast("occurred_at", c.OccurredAt, now)
        ?? c.Before.Select((b, i) => CheckValue($"before[{i}].value", b.HasValue, b.Value))
            .FirstOrDefault(r => r is not null);

    public static Rejection? Check(CellState cell, RecordOutcome c, DateTimeOffset now) =>
        CheckRoute(cell, c, c.HasCell)
        ?? Ids.Check("unit", c.Unit)
        ?? (
            cell.Layout.For(c.Metric).Any()
                ? null
                : Decision.Invalid("metric", c.Metric, $"must be one of {string.Join(", ", Names(cell))}").Rejection
        )
        ?? CheckValue("value", c.HasValue, c.Value)
        ?? Timestamps.CheckPast("occurred_at", c.OccurredAt, now);

    private static Rejection? CheckRoute(CellState cell, ICellMessage message, bool hasCell) =>
        !hasCell ? Decision.Invalid("cell", "", "must be set").Rejection
        : !string.Equals(message.EntityId, cell.CellId, StringComparison.Ordinal)
            ? Decision.Invalid("cell", message.Cell, $"must route to {cell.CellId}").Rejection
        : cell.Layout.Count == 0
            ? Decision
                .Reject(
                    RejectionCode.Overloaded,
                    "test_id",
                    message.TestId,
                    "has not told this cell what to count; repeat it with the same command id"
                )
                .Rejection
        : null;

    private static Rejection? CheckValue(string field, bool isSet, double value) =>
        !isSet ? Decision.Invalid(field, "", "must be set").Rejection
        : Math.Abs(value) <= ArmTotals.Largest ? null
        : Decision
            .Invalid(
                field,
                value.ToString(CultureInfo.InvariantCulture),
                $"must be a number of at most {ArmTotals.Largest.ToString("N0", CultureInfo.InvariantCulture)} either way"
            )
            .Rejection;

    private static IEnumerable<string> Names(CellState cell) =>
        Enumerable
            .Range(0, cell.Layout.Count)
            .Select(m => cell.Layout[m])
            .SelectMany(m => m.Kind == MetricKind.Ratio ? new[] { m.Name, m.Denominator } : [m.Name]);
}
