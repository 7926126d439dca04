using System.Diagnostics;
using System.Globalization;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Probes;

namespace RalmActors.Benchmarks.Rows;

/// <summary>The processor's time for one look of a node at itself, beside psutil asked for the same things.</summary>
public sealed class M2Collection : IFigures
{
    private const int Looks = 2_000;
    private const double Interval = 30_000;

    private const string Peer = """
        import psutil, os, time
        me = psutil.Process()
        def look():
            psutil.cpu_percent(interval=None); psutil.virtual_memory(); psutil.disk_usage('/'); psutil.net_io_counters(); psutil.disk_io_counters(); os.getloadavg()
            with me.oneshot(): me.cpu_percent(); me.memory_info(); me.num_threads(); me.num_fds()
        look(); c = time.process_time()
        for _ in range(1000): look()
        print(time.process_time() - c)
        """;

    private readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal);

    public string Id => "M2";

    public IReadOnlyDictionary<string, double> Numbers => _numbers;

    public async Task<string> Run(CancellationToken ct)
    {
        using var probe = new NodeProbes("/", TimeProvider.System);
        var points = new List<MetricPoint>();
        for (var i = 0; i < Looks; i++)
        {
            Look();
        }

        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < Looks; i++)
        {
            Look();
        }

        var each = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Looks;
        _numbers["cpu_ms"] = each;
        _numbers["percent_of_a_core_at_30_s"] = 100 * each / Interval;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{points.Count} points cost {each:F3} ms of a core, {100 * each / Interval:F5} % at one each 30 s (must 0.05)"
        );
        if (await PsutilMs(ct) is not { } peer)
        {
            return $"{text}. python3-psutil is not installed: no peer.";
        }

        _numbers["psutil_cpu_ms"] = peer;
        _numbers["ratio"] = each / peer;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{text}; psutil {peer:F3} ms, ratio {each / peer:F2} (must 1, stretch 0.5)."
        );

        void Look()
        {
            points.Clear();
            probe.Sample(points);
        }
    }

    private static async Task<double?> PsutilMs(CancellationToken ct)
    {
        using var python = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", ["-c", Peer])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var seconds = await python.StandardOutput.ReadToEndAsync(ct);
        await python.WaitForExitAsync(ct);
        return python.ExitCode == 0 ? double.Parse(seconds, CultureInfo.InvariantCulture) : null;
    }
}
