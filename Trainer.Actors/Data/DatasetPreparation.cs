using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RalmActors.Messages.Learning;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Domain.Schema;

namespace RalmActors.Trainer.Data;

/// <summary>How strict to be.</summary>
/// <param name="MaxBadRows">Bad interaction rows left out before giving up. 0 (default): the first one stops.</param>
/// <param name="Folds">Cross-validation: instead of the description's test share, one of so many parts tests.</param>
/// <param name="Fold">Which, from 0.</param>
public sealed record PreparationOptions(int MaxBadRows = 0, int Folds = 0, int Fold = 0);

/// <param name="BadRows">Rows that were left out, each with its reason.</param>
public sealed record PreparedDatasetInfo(string Path, DatasetMeta Meta, ImmutableArray<string> BadRows);

/// <param name="Step">What is being done.</param>
/// <param name="Rows">Rows of that step read so far.</param>
public readonly record struct PreparationProgress(string Step, long Rows);

/// <summary>
/// From tables to arrays: fits the feature schema on the training rows, encodes every person once, and writes the folder
/// whole or not at all. Interactions are streamed twice; memory holds the people, not the interactions' features.
/// </summary>
public static class DatasetPreparation
{
    /// <exception cref="BadTableException">The tables or their description are not usable; nothing was written.</exception>
    public static PreparedDatasetInfo Prepare(
        string descriptionPath,
        string outFolder,
        PreparationOptions options,
        IProgress<PreparationProgress>? progress,
        CancellationToken ct
    )
    {
        var description = ReadDescription(descriptionPath);
        var folder = Path.GetDirectoryName(Path.GetFullPath(descriptionPath))!;
        using var work = new PreparationRun(description, folder, options, progress, ct);
        var temporary = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder))}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            var meta = work.Write(temporary);
            if (Directory.Exists(outFolder))
            {
                Directory.Delete(outFolder, recursive: true);
            }

            Directory.Move(temporary, outFolder);
            return new PreparedDatasetInfo(Path.GetFullPath(outFolder), meta, work.BadRows);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static DatasetDescription ReadDescription(string path)
    {
        try
        {
            return DatasetDescription.Parse(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new BadTableException($"{path}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new BadTableException(e.Message, e);
        }
    }
}
