using System.Globalization;
using System.Text.Json;
using Ralm.Drift.Anomalies.Benchmark;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>
/// A folder laid out as the Numenta Anomaly Benchmark: <c>data/GROUP/NAME.csv</c> (or <c>.csv.gz</c>),
/// <c>labels/combined_windows.json</c>, <c>config/profiles.json</c>.
/// </summary>
public sealed record NabFolder(IReadOnlyList<NabSeries> Series, NabProfiles Profiles)
{
    private const string DataFolder = "data";
    private const string Packed = ".gz";

    public static NabFolder Open(string folder, CancellationToken ct)
    {
        var data = Path.Combine(folder, DataFolder);
        string[] files = Directory.Exists(data)
            ?
            [
                .. Directory
                    .EnumerateFiles(data, "*", SearchOption.AllDirectories)
                    .Where(f =>
                        f.EndsWith(".csv", StringComparison.Ordinal)
                        || f.EndsWith($".csv{Packed}", StringComparison.Ordinal)
                    )
                    .Order(StringComparer.Ordinal),
            ]
            : [];
        if (files.Length == 0)
        {
            throw new CommandLineException(
                $"{folder}: has no {DataFolder}/GROUP/NAME.csv; a folder is laid out as the Numenta Anomaly Benchmark"
            );
        }

        var labels = Path.Combine(folder, "labels", "combined_windows.json");
        var windows = Parsed(labels, "windows by series", WindowsOf);
        var profiles = Parsed(
            Path.Combine(folder, "config", "profiles.json"),
            "cost matrices by profile",
            NabProfiles.Of
        );
        return new([.. files.Select(f => Read(data, f, labels, windows, ct))], profiles);
    }

    private static NabSeries Read(
        string data,
        string file,
        string labels,
        IReadOnlyDictionary<string, IReadOnlyList<(DateTimeOffset First, DateTimeOffset Last)>> windows,
        CancellationToken ct
    )
    {
        ct.ThrowIfCancellationRequested();
        var path = Path.GetRelativePath(data, file).Replace('\\', '/');
        var name = path.EndsWith(Packed, StringComparison.Ordinal) ? path[..^Packed.Length] : path;
        var points = SeriesFile.Read(file, ct);
        return windows.TryGetValue(name, out var labelled)
            ? new(name, points, [.. labelled.Select(w => RowsOf(points, w.First, w.Last, $"{labels}: {name}"))])
            : throw new CommandLineException($"{labels}: must name {name}, with no windows if it has none");
    }

    private static NabWindow RowsOf(
        IReadOnlyList<SeriesPoint> points,
        DateTimeOffset first,
        DateTimeOffset last,
        string where
    )
    {
        int[] rows = [.. points.Index().Where(p => p.Item.Time >= first && p.Item.Time <= last).Select(p => p.Index)];
        return rows.Length > 0
            ? new(rows[0], rows[^1])
            : throw new CommandLineException(
                $"{where}: the window from {first:s} to {last:s} must have points of the series in it"
            );
    }

    private static Dictionary<string, IReadOnlyList<(DateTimeOffset First, DateTimeOffset Last)>> WindowsOf(
        JsonElement root
    ) =>
        root.EnumerateObject()
            .ToDictionary(
                s => s.Name,
                IReadOnlyList<(DateTimeOffset, DateTimeOffset)> (s) =>
                    [.. s.Value.EnumerateArray().Select(w => (TimeOf(w[0]), TimeOf(w[1]))).Order()],
                StringComparer.Ordinal
            );

    private static DateTimeOffset TimeOf(JsonElement time) =>
        DateTimeOffset.Parse(
            time.GetString() ?? "",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
        );

    private static T Parsed<T>(string path, string what, Func<JsonElement, T> parse)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return parse(document.RootElement);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or ArgumentException
                        or IndexOutOfRangeException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            throw new CommandLineException(
                $"{path}: must be {what}, as of the Numenta Anomaly Benchmark: {e.Message}",
                e
            );
        }
    }
}
