using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>A series of measurements in a CSV file with a header; <c>.gz</c> is unpacked on the way.</summary>
public static class SeriesFile
{
    private const string ValueColumn = "value";

    /// <summary>The first of these that the file has.</summary>
    private static readonly string[] TimeColumns = ["timestamp", "time"];

    /// <exception cref="CommandLineException">Names the file, the line and the field, and the rule that it breaks.</exception>
    public static IReadOnlyList<SeriesPoint> Read(string path, CancellationToken ct)
    {
        try
        {
            var columns = TableReader.Columns(path, TableFormat.Default, ct);
            var time = TimeColumns.FirstOrDefault(columns.Contains) ?? TimeColumns[0];
            SeriesPoint[] points =
            [
                .. TableReader
                    .Read(path, TableFormat.Default, [time, ValueColumn], ct)
                    .Select(row => Point(path, row, time)),
            ];
            return points.Length > 0 ? points : throw new CommandLineException($"{path}: has no rows");
        }
        catch (Exception e) when (e is BadTableException or IOException or UnauthorizedAccessException)
        {
            throw new CommandLineException(e.Message, e);
        }
    }

    private static SeriesPoint Point(string path, ITableRow row, string timeColumn)
    {
        if (
            !DateTimeOffset.TryParse(
                row[0],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
        )
        {
            throw Wrong(path, row, timeColumn, row[0], "a time like 2014-04-01 00:05:00; without an offset it is UTC");
        }

        return double.TryParse(row[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? new(time, value)
            : throw Wrong(path, row, ValueColumn, row[1], "a number");
    }

    private static CommandLineException Wrong(string path, ITableRow row, string field, string text, string rule) =>
        new($"{path} line {row.Line}: {field} \"{text}\" must be {rule}");
}
