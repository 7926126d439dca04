using Ralm.Datasets.Descriptions;
using Ralm.Ranking.Schema;

namespace Ralm.Datasets.Preparation;

/// <summary>How strict to be.</summary>
/// <param name="MaxBadRows">Bad rows of all tables left out before they are refused. 0 (default): any refuses them.</param>
/// <param name="Folds">Cross-validation: instead of the description's test share, one of so many parts tests.</param>
/// <param name="Fold">Which, from 0.</param>
/// <param name="Schema">Of a model that is to be trained on: rows are encoded by it. Null: one is fitted to the training rows.</param>
/// <param name="Report">File for the report. Default: the dataset's folder with <c>.report.json</c> behind its name.</param>
public sealed record PreparationOptions(
    int MaxBadRows = 0,
    int Folds = 0,
    int Fold = 0,
    string? Report = null,
    FeatureSchema? Schema = null
);

/// <param name="ReportPath">Where the report is.</param>
public sealed record PreparedDatasetInfo(string Path, DatasetMeta Meta, PreparationReport Report, string ReportPath);

/// <param name="Step">What is being done.</param>
/// <param name="Rows">Rows of that step read so far.</param>
public readonly record struct PreparationProgress(string Step, long Rows);

/// <summary>
/// From tables to arrays: fits the feature schema on the training rows, encodes every person once, and writes the folder
/// whole or not at all, and a report in either case. Interactions are streamed; memory holds the people.
/// </summary>
public static class DatasetPreparation
{
    /// <exception cref="BadTableException">The tables or their description are not usable; no dataset was written.</exception>
    public static PreparedDatasetInfo Prepare(
        string descriptionPath,
        string outFolder,
        PreparationOptions options,
        IProgress<PreparationProgress>? progress,
        CancellationToken ct
    )
    {
        if (options.MaxBadRows < 0)
        {
            throw new BadTableException($"max_bad_rows \"{options.MaxBadRows}\" must be 0 or more");
        }

        var description = DescriptionFile.Read(descriptionPath, DatasetDescription.Parse);
        var folder = Path.GetDirectoryName(Path.GetFullPath(descriptionPath))!;
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder));
        var reportPath = Path.GetFullPath(options.Report ?? $"{target}.report.json");
        var log = new PreparationLog(options, progress, ct);
        PreparationPlaces.Check(target, reportPath, folder, Path.GetFullPath(descriptionPath), description.Files);
        try
        {
            var meta = Write(
                target,
                temporary => new PreparationRun(description, folder, options, log).Write(temporary)
            );
            var report = log.Report(description.Name, meta.Hash, refusal: null);
            report.Write(reportPath);
            return new PreparedDatasetInfo(target, meta, report, reportPath);
        }
        catch (BadTableException e)
        {
            log.Report(description.Name, hash: null, e.Message).Write(reportPath);
            throw new BadTableException($"{e.Message}\nreport: {reportPath}", e);
        }
    }

    /// <summary>Under another name until it is whole.</summary>
    private static DatasetMeta Write(string target, Func<string, DatasetMeta> write)
    {
        PreparationPlaces.DropLeftovers(target);
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        CreateFolder(temporary, target);
        try
        {
            var meta = write(temporary);
            if (Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }

            Directory.Move(temporary, target);
            return meta;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static void CreateFolder(string temporary, string target)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadTableException($"{target}: the dataset cannot be written there: its folder takes none", e);
        }
    }
}
