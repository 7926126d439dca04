using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Training;

/// <summary>What to read, and how strict to be with it.</summary>
/// <param name="Data">A description (dataset.json), or the folder that holds it.</param>
public sealed record TablesOptions(string Data, PreparationOptions Preparation);

/// <summary>
/// A person's tables, read and encoded. No node is needed for that: what is wrong with them is said at once, and not when
/// a node has started and stopped again.
/// </summary>
public sealed record PreparedTables(PreparedDatasetInfo Data, TimeSpan Took)
{
    /// <param name="target">The prepared dataset's folder.</param>
    /// <exception cref="BadTableException">The tables are not usable.</exception>
    public static PreparedTables Prepare(TablesOptions options, string target, IProgressView view, CancellationToken ct)
    {
        view.Step("prepare");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var description = Directory.Exists(options.Data) ? Path.Combine(options.Data, "dataset.json") : options.Data;
        // The report is put beside the description: the dataset's folder may not outlive the command.
        var report = options.Preparation.Report ?? Path.ChangeExtension(description, ".report.json");
        var preparation = options.Preparation with { Report = report };
        PreparedDatasetInfo data;
        try
        {
            data = DatasetPreparation.Prepare(description, target, preparation, new Rows(view), ct);
        }
        catch (BadTableException) when (File.Exists(report))
        {
            WritePage(report);
            throw;
        }

        WritePage(report);
        view.Progress(1, $"{data.Meta.Rows:N0} rows");
        view.Finish();
        return new PreparedTables(data, watch.Elapsed);
    }

    /// <summary>The report for people, beside the one for programs.</summary>
    public static string PageOf(string report) => Path.ChangeExtension(report, ".html");

    private static void WritePage(string report) =>
        File.WriteAllText(PageOf(report), TablesHtml.Write(PreparationReport.Read(report)));

    private sealed class Rows(IProgressView view) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => view.Progress(0, $"{value.Step}, {value.Rows:N0} rows");
    }
}
