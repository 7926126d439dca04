using System.Diagnostics;
using System.Globalization;
using System.Text;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Probes;

namespace RalmActors.Benchmarks.Rows;

/// <summary>
/// Bytes a point on the disk with all that finds it, of what this machine's probes say once a second, ten of them beside each
/// other; the same samples as blocks of Prometheus, made by its own tool.
/// </summary>
public sealed class M1SeriesOnDisk : IFigures
{
    private const int Sources = 10;

    /// <summary>Two chunks.</summary>
    private const int Seconds = 480;

    private const string Tool = "/usr/bin/promtool";

    private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);

    public string Id => "M1";

    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    public async Task<string> Run(CancellationToken ct)
    {
        await using var node = await SourceNode.Start(ct);
        var sources = Enumerable.Range(0, Sources).Select(i => $"node:{i}").ToArray();
        var collectors = sources.Select(s => node.Collector(s)).ToArray();
        var probes = sources.Select(_ => new NodeProbes("/", TimeProvider.System)).ToArray();
        var seen = new Dictionary<(string Metric, string Source), StringBuilder>();
        var points = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var i = 0; i < Seconds; i++)
        {
            for (var s = 0; s < Sources; s++)
            {
                var at = TimeProvider.System.GetUtcNow();
                var sampled = new List<MetricPoint>();
                probes[s].Sample(sampled);
                await SourceNode.Tell(collectors[s], sources[s], at, sampled, ct);
                points += sampled.Count;
                sampled.ForEach(p => Note(seen, p, sources[s], at));
            }

            await timer.WaitForNextTickAsync(ct);
        }

        Array.ForEach(probes, p => p.Dispose());
        await Stored(node, sources, ct);
        var bytes = node.ChunkBytes;
        _numbers["points"] = points;
        _numbers["bytes_per_point"] = (double)bytes / points;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{points:N0} points of {Sources} sources, {Seconds} samplings each: {(double)bytes / points:F2} B a point (must 1.1)"
        );
        if (await PrometheusBytes(seen, ct) is not { } peer)
        {
            return $"{text}. promtool is not installed: no peer.";
        }

        _numbers["prometheus_bytes_per_point"] = (double)peer / points;
        _numbers["ratio"] = (double)bytes / peer;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{text}; blocks of Prometheus of the same samples, chunks and index: {(double)peer / points:F2}, ratio {(double)bytes / peer:F2} (must 0.8, stretch 0.6)."
        );
    }

    private static void Note(
        Dictionary<(string Metric, string Source), StringBuilder> seen,
        MetricPoint point,
        string source,
        DateTimeOffset at
    )
    {
        if (!seen.TryGetValue((point.Name, source), out var lines))
        {
            seen.Add((point.Name, source), lines = new StringBuilder());
        }

        if (double.IsFinite(point.Value))
        {
            lines.Append(
                CultureInfo.InvariantCulture,
                $"{point.Name}{{source=\"{source}\"}} {point.Value:R} {at.ToUnixTimeMilliseconds() / 1000.0:0.000}\n"
            );
        }
    }

    private static async Task Stored(SourceNode node, string[] sources, CancellationToken ct)
    {
        foreach (var source in sources)
        {
            while ((await node.Chunks.Spans(source, tier: 0, afterNr: 0, ct)).Count < Seconds / 240)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
            }
        }
    }

    private static async Task<long?> PrometheusBytes(
        Dictionary<(string Metric, string Source), StringBuilder> seen,
        CancellationToken ct
    )
    {
        if (!File.Exists(Tool))
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("ralm-prom-").FullName;
        try
        {
            var text = new StringBuilder();
            foreach (var metric in seen.GroupBy(s => s.Key.Metric, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {metric.Key} gauge\n");
                foreach (var series in metric)
                {
                    text.Append(series.Value);
                }
            }

            var (file, blocks) = (Path.Combine(folder, "samples.prom"), Path.Combine(folder, "blocks"));
            await File.WriteAllTextAsync(file, $"{text}# EOF\n", ct);
            using var tool = Process.Start(
                new ProcessStartInfo(Tool, ["tsdb", "create-blocks-from", "openmetrics", "-q", file, blocks])
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                }
            )!;
            await tool.StandardOutput.ReadToEndAsync(ct);
            await tool.WaitForExitAsync(ct);
            return tool.ExitCode == 0
                ? new DirectoryInfo(blocks).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)
                : throw new InvalidOperationException($"promtool ended with {tool.ExitCode}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
