using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Meters;
using RalmActors.Monitoring.Probes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Measures;

/// <summary>
/// Figures, not verdicts; run by hand: <c>Monitor.Actors.Tests -explicit only -class "*MonitoringMeasures" -showliveoutput</c>.
/// RALM_MEASURE_SECONDS sets how long the node is watched, at one sampling a second; default 240.
/// </summary>
public class MonitoringMeasures(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void Cpu_per_collection_of_this_node()
    {
        using var probe = new NodeProbes("/", TimeProvider.System);
        var points = new List<MetricPoint>();
        for (var i = 0; i < 500; i++)
        {
            points.Clear();
            probe.Sample(points);
        }

        const int Looks = 2000;
        var (before, allocated) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        for (var i = 0; i < Looks; i++)
        {
            points.Clear();
            probe.Sample(points);
        }

        var cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Looks;
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Looks;
        output.WriteLine($"collection: {points.Count} points, {cpu:0.000} ms CPU, {bytes} B allocated");
    }

    [Fact(Explicit = true)]
    public void Time_that_a_command_spends_on_being_measured()
    {
        using var reader = new MeterReader();
        var (region, outcome, name) = (
            Label("region", "user"),
            Label("outcome", "accepted"),
            Label("event", "Recorded")
        );
        const int Commands = 2_000_000;
        Measure(100_000);
        var (began, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        Measure(Commands);
        var each = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Commands;
        var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        output.WriteLine($"a command with one event: {each:0} ns, {bytes} B allocated in {Commands:N0} of them");

        // What the shell does for one.
        void Measure(int commands)
        {
            for (var i = 0; i < commands; i++)
            {
                var taken = Stopwatch.GetTimestamp();
                RalmMetrics.JournalWaiting.Add(1);
                RalmMetrics.JournalWaiting.Add(-1);
                RalmMetrics.JournalWriteTime.Record(Stopwatch.GetElapsedTime(taken).TotalSeconds);
                RalmMetrics.Events.Add(1, name);
                RalmMetrics.SamplesAccepted.Add(1);
                RalmMetrics.Commands.Add(1, region, outcome);
            }
        }

        static KeyValuePair<string, object?> Label(string key, string value) => new(key, value);
    }

    [Fact(Explicit = true)]
    public void Cpu_of_reading_all_meters()
    {
        using var reader = new MeterReader();
        using var probe = new MeterProbe(reader);
        for (var i = 0; i < 100; i++)
        {
            RalmMetrics.Commands.Add(
                1,
                new("region", $"r-{i % 14}"),
                new("outcome", i % 2 == 0 ? "accepted" : "rejected")
            );
            RalmMetrics.Events.Add(1, new KeyValuePair<string, object?>("event", $"e-{i % 60}"));
            RalmMetrics.JournalWriteTime.Record(0.01);
        }

        var points = new List<MetricPoint>();
        Look(100);
        var before = Environment.CpuUsage.TotalTime;
        const int Looks = 1_000;
        Look(Looks);
        var cpu = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Looks;
        output.WriteLine($"reading: {points.Count} points, {cpu:0.000} ms CPU");

        void Look(int times)
        {
            for (var i = 0; i < times; i++)
            {
                points.Clear();
                probe.Sample(points);
            }
        }
    }

    [Fact(Explicit = true)]
    public async Task Bytes_per_point_of_this_node_watched_once_a_second()
    {
        var seconds = int.Parse(
            Environment.GetEnvironmentVariable("RALM_MEASURE_SECONDS") ?? "240",
            CultureInfo.InvariantCulture
        );
        using var probe = new NodeProbes("/", TimeProvider.System);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var core = new EntityCore<CollectorState>("node:here");
        var (journal, points) = (0L, 0);
        for (var i = 0; i < seconds; i++)
        {
            var now = TimeProvider.System.GetUtcNow();
            var sampling = Given.Sampling($"node:here/sampling/{now.ToUnixTimeMilliseconds()}", now);
            probe.Sample(sampling.Points);
            points += sampling.Points.Count;
            foreach (var e in core.Decide(sampling, now).Events)
            {
                journal += e.CalculateSize();
                core.Apply(e);
            }

            await timer.WaitForNextTickAsync();
        }

        Report("this node", core.State, points, journal);
    }

    [Fact(Explicit = true)]
    public void Bytes_per_point_of_published_series()
    {
        var folder = SharedData.PathOf("monitoring", "nab", "data");
        var (bytes, gorilla, points, files) = (0L, 0L, 0L, 0);
        foreach (var file in Directory.EnumerateFiles(folder, "*.csv.gz", SearchOption.AllDirectories))
        {
            var store = SeriesStore.Empty.Introduce(["value"]);
            using var csv = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            csv.ReadLine();
            while (csv.ReadLine() is { } line)
            {
                var comma = line.LastIndexOf(',');
                var at = DateTimeOffset.Parse(
                    line[..comma],
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal
                );
                var ms = at.ToUnixTimeMilliseconds();
                if (ms > store.LatestUnixMs)
                {
                    store = store.Append(ms, [0], [double.Parse(line[(comma + 1)..], CultureInfo.InvariantCulture)]);
                    if (store.Open.Count == 0)
                    {
                        bytes += store.Sealed[^1].CalculateSize();
                        gorilla += GorillaBytes(store.Sealed[^1]);
                        points += SeriesStore.SamplingsPerChunk;
                    }
                }
            }

            files++;
        }

        output.WriteLine(
            $"{files} single-metric series: {points} points, {(double)bytes / points:0.00} B/point with index; "
                + $"plain deltas of deltas and XOR, no index: {(double)gorilla / points:0.00}"
        );
    }

    [Fact(Explicit = true)]
    public void A_day_of_35_metrics_is_queried()
    {
        var random = new Random(1);
        var store = SeriesStore.Empty.Introduce(Enumerable.Range(0, 35).Select(i => $"m{i}"));
        var index = Enumerable.Range(0, 35).Select(i => (uint)i).ToArray();
        for (var i = 0; i < 2880; i++)
        {
            store = store.Append(
                i * 30_000L,
                index,
                [.. index.Select(m => Math.Round(random.NextDouble() * 12800) / 128)]
            );
        }

        double sum = 0;
        var best = double.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var watch = Stopwatch.StartNew();
            foreach (var metric in store.Metrics)
            {
                sum += store.Points(metric, long.MinValue, long.MaxValue).Sum(p => p.Value);
            }

            best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
        }

        output.WriteLine($"2,880 x 35 points: best of 20 rounds {best:0.0} ms ({sum:0})");
    }

    /// <summary>What each metric of a chunk would take by itself, as Prometheus keeps it.</summary>
    private static long GorillaBytes(Chunk chunk)
    {
        var bytes = 0L;
        foreach (var column in chunk.Columns)
        {
            var bits = new BitWriter();
            var values = ChunkCodec.Values(chunk, (int)column.Metric)!;
            XorCodec.Write(bits, [.. values.Where(v => !Sampling.IsAbsent(v))]);
            bytes += chunk.Times.Length + bits.ByteCount;
        }

        return bytes;
    }

    private void Report(string what, CollectorState state, int points, long journal)
    {
        var snapshot = (CollectorSnapshot)state.ToSnapshot();
        var index = snapshot.Metrics.Sum(m => CodedOutputStream.ComputeStringSize(m) + 1);
        output.WriteLine(
            $"{what}: {points} points, {state.Series.Metrics.Length} metrics: "
                + $"snapshot {(double)snapshot.CalculateSize() / points:0.00} B/point with index "
                + $"(names {(double)index / points:0.00}; plain deltas of deltas and XOR, no index: "
                + $"{(double)snapshot.Chunks.Append(snapshot.Open).Sum(GorillaBytes) / points:0.00}), events {(double)journal / points:0.0} B/point"
        );
        foreach (
            var column in snapshot.Chunks.Take(1).SelectMany(c => c.Columns).OrderByDescending(c => c.Values.Length)
        )
        {
            output.WriteLine(
                $"  {snapshot.Metrics[(int)column.Metric]}: {column.Values.Length} B, scheme {column.Values[0]}"
            );
        }
    }
}
