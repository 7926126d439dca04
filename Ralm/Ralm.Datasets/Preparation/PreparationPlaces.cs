using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Ralm.Datasets.Files;

namespace Ralm.Datasets.Preparation;

/// <summary>Where a preparation writes. It replaces a dataset and a report, and nothing else that anybody has.</summary>
internal static class PreparationPlaces
{
    /// <summary>Found out before an hour of reading, not after it.</summary>
    /// <param name="folder">Of the tables.</param>
    /// <exception cref="BadTableException">Something else stands there, or nothing can be written.</exception>
    public static void Check(
        string target,
        string report,
        string folder,
        string description,
        ImmutableArray<string> tables
    )
    {
        CheckTarget(target, folder);
        if (
            tables.Select(t => Path.GetFullPath(t, folder)).Append(description).Contains(report, StringComparer.Ordinal)
        )
        {
            throw new BadTableException($"{report}: the report cannot be written there: it is read from");
        }

        if (Directory.Exists(report) || (File.Exists(report) && !IsReport(report)))
        {
            throw new BadTableException(
                $"{report}: exists already and is no report of tables; a report replaces nothing else"
            );
        }

        try
        {
            WritableFile.Check(report);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadTableException($"{report}: the report cannot be written there: its folder takes none", e);
        }
    }

    /// <summary>What processes that were killed had begun beside the target.</summary>
    public static void DropLeftovers(string target)
    {
        var parent = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(parent))
        {
            return;
        }

        foreach (var begun in Directory.EnumerateDirectories(parent, $"{Path.GetFileName(target)}.*.tmp"))
        {
            var writer = Path.GetFileName(begun)[(Path.GetFileName(target).Length + 1)..^".tmp".Length];
            if (int.TryParse(writer, CultureInfo.InvariantCulture, out var id) && !IsAlive(id))
            {
                Directory.Delete(begun, recursive: true);
            }
        }
    }

    private static void CheckTarget(string target, string folder)
    {
        if (File.Exists(target))
        {
            throw new BadTableException($"{target}: is a file; a dataset is a folder");
        }

        if (
            $"{folder}{Path.DirectorySeparatorChar}".StartsWith(
                $"{target}{Path.DirectorySeparatorChar}",
                StringComparison.Ordinal
            )
        )
        {
            throw new BadTableException($"{target}: the dataset cannot be written there: the tables are in it");
        }

        var stranger = Directory.Exists(target)
            ? Directory
                .EnumerateFileSystemEntries(target)
                .Select(Path.GetFileName)
                .Except(PreparedDataset.Files)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault()
            : null;
        if (stranger is not null)
        {
            throw new BadTableException(
                $"{target}: holds \"{stranger}\", which is of no dataset; a dataset replaces a dataset and nothing else"
            );
        }
    }

    private static bool IsReport(string file)
    {
        try
        {
            return PreparationReport.Read(file) is { Dataset: not null, Tables.IsDefault: false };
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or NotSupportedException)
        {
            return false;
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var there = System.Diagnostics.Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
