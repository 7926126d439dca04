using System.CommandLine;

namespace RalmActors.ClusterHost.Commands;

/// <summary>What every command that reads tables lets one choose about them.</summary>
internal static class PreparationFlags
{
    public static Option<int> MaxBadRows() =>
        new("--max-bad-rows") { Description = "left out before the tables are refused, default 0" };

    public static Option<string?> TableReport() =>
        new("--table-report") { Description = "file for what was found in the tables; default: beside dataset.json" };
}
