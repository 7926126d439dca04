using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>When one report of a cell is newer than another.</summary>
internal static class Reports
{
    /// <summary>The field of a report that would go back; the value is how far the cell was reported.</summary>
    public const string MaturedUntil = "matured_until";

    /// <summary>Of one revision, time alone has let units in.</summary>
    public static bool HasMatured(CellReported known, ReportCell c) =>
        c.MaturedUntil > known.MaturedUntil
        && (!c.Arms.Equals(known.Arms) || !c.Segments.Equals(known.Segments) || c.NextMaturesAt != known.NextMaturesAt);
}
