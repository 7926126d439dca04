using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Cells;

/// <summary>What a command to a cell must look like; where its unit belongs is <see cref="Placement"/>'s.</summary>
internal static class CellRules
{
    public static Rejection? Check(CellState cell, RecordExposure c, DateTimeOffset now) =>
        CheckRoute(cell, c, c.HasCell)
        ?? Ids.Check("unit", c.Unit)
        ?? Timestamps.CheckPast("occurred_at", c.OccurredAt, now)
        ?? CheckTold(cell, c.Test, c, c.Unit, c.OccurredAt?.ToDateTimeOffset() ?? now)
        ?? c.Before.Select((b, i) => CheckValue($"before[{i}].value", b.HasValue, b.Value))
            .FirstOrDefault(r => r is not null);

    public static Rejection? Check(CellState cell, RecordOutcome c, DateTimeOffset now) =>
        CheckRoute(cell, c, c.HasCell)
        ?? Ids.Check("unit", c.Unit)
        ?? Timestamps.CheckPast("occurred_at", c.OccurredAt, now)
        ?? CheckTold(cell, c.Test, c, c.Unit, c.OccurredAt?.ToDateTimeOffset() ?? now)
        ?? (
            cell.Layout.NameOf(c.Metric) >= 0
                ? null
                : Rejections.Invalid("metric", c.Metric, $"must be one of {string.Join(", ", cell.Layout.Names)}")
        )
        ?? CheckValue("value", c.HasValue, c.Value);

    /// <summary>Sums stay exact whatever comes: see <see cref="ArmTotals.Largest"/>.</summary>
    public static Rejection? CheckSum(RecordOutcome c, Int128 most) =>
        most <= ArmTotals.LargestInMillionths
            ? null
            : Rejections.Invalid(
                "value",
                c.Value.ToString(CultureInfo.InvariantCulture),
                $"would take the unit's sum of {c.Metric} beyond {Largest} either way"
            );

    /// <summary>An outcome that was acknowledged is never dropped: no more are taken.</summary>
    public static Rejection? CheckRoom(CellState cell, RecordOutcome c) =>
        cell.Waiting < CellState.MaxWaiting
            ? null
            : Rejections.Of(
                RejectionCode.Overloaded,
                "unit",
                c.Unit,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"has not been exposed, and {CellState.MaxWaiting:N0} outcomes of its cell wait for an exposure; repeat it with the same command id once it has been"
                )
            );

    private static string Largest => ArmTotals.Largest.ToString("N0", CultureInfo.InvariantCulture);

    private static Rejection? CheckRoute(CellState cell, ICellMessage message, bool hasCell) =>
        !hasCell ? Rejections.Invalid("cell", "", "must be set")
        : !string.Equals(message.EntityId, cell.CellId, StringComparison.Ordinal)
            ? Rejections.Invalid("cell", message.Cell, $"must route to {cell.CellId}")
        : null;

    /// <summary>A test that takes nothing will not tell a cell either what to count.</summary>
    private static Rejection? CheckTold(
        CellState cell,
        RunningExperiment? experiment,
        ICellMessage message,
        string unit,
        DateTimeOffset at
    ) =>
        cell.Layout.Count > 0
            ? null
            : Placement.Check(experiment, message, unit, at)
                ?? Rejections.Of(
                    RejectionCode.Overloaded,
                    "experiment_id",
                    message.ExperimentId,
                    "has not told this cell what to count; repeat it with the same command id"
                );

    private static Rejection? CheckValue(string field, bool isSet, double value) =>
        !isSet ? Rejections.Invalid(field, "", "must be set")
        : Math.Abs(value) <= ArmTotals.Largest ? null
        : Rejections.Invalid(
            field,
            value.ToString(CultureInfo.InvariantCulture),
            $"must be a number of at most {Largest} either way"
        );
}
