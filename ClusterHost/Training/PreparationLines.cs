using Ralm.Datasets.Preparation;

namespace RalmActors.ClusterHost.Training;

/// <summary>What a preparation has to say, at the end of a summary: warnings, and where its report is.</summary>
internal static class PreparationLines
{
    public static string Of(PreparedDatasetInfo data) =>
        string.Join(
            '\n',
            [
                .. data.Meta.Warnings.Select(w => $"warning: {w}"),
                $"report of the tables: {data.ReportPath}, as a page {PreparedTables.PageOf(data.ReportPath)}",
            ]
        );
}
