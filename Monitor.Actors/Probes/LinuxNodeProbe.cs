using System.Runtime.Versioning;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>CPU, memory, load, disk and network of a Linux node from /proc, see proc(5).</summary>
/// <param name="root">Where proc is mounted; default /proc. Tests give a folder of their own.</param>
/// <param name="dataPath">A path on the disk that holds the journal.</param>
[SupportedOSPlatform("linux")]
public sealed class LinuxNodeProbe(string dataPath, TimeProvider clock, string root = "/proc") : IProbe
{
    private const int SectorBytes = 512;

    private readonly ProcFile _stat = new(Path.Combine(root, "stat"));
    private readonly ProcFile _memory = new(Path.Combine(root, "meminfo"));
    private readonly ProcFile _load = new(Path.Combine(root, "loadavg"));
    private readonly ProcFile _disks = new(Path.Combine(root, "diskstats"));
    private readonly ProcFile _network = new(Path.Combine(root, "net/dev"));
    private readonly DiskUsage _usage = new(dataPath);

    private long _lookedAt;
    private CpuTimes? _cpuBefore;
    private DiskCounters? _disksBefore;
    private NetworkCounters? _networkBefore;

    public void Sample(ICollection<MetricPoint> points)
    {
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;

        AddCpu(points);
        AddMemory(points);
        AddLoad(points);
        _usage.AddTo(points);
        AddDisks(points, seconds);
        AddNetwork(points, seconds);
    }

    public void Dispose()
    {
        _stat.Dispose();
        _memory.Dispose();
        _load.Dispose();
        _disks.Dispose();
        _network.Dispose();
    }

    private void AddCpu(ICollection<MetricPoint> points)
    {
        var text = _stat.Read();
        if (text.IsEmpty)
        {
            return;
        }

        var now = CpuTimes.Parse(Fields.NextLine(ref text));
        if (_cpuBefore is { } before)
        {
            var total = now.Total - before.Total;
            points.AddPercent("node_cpu_percent", total - (now.Idle - before.Idle) - (now.Wait - before.Wait), total);
            points.AddPercent("node_cpu_iowait_percent", now.Wait - before.Wait, total);
            points.AddPercent("node_cpu_steal_percent", now.Steal - before.Steal, total);
        }

        _cpuBefore = now;
    }

    private void AddMemory(ICollection<MetricPoint> points)
    {
        long total = 0;
        long available = 0;
        long swap = 0;
        long swapFree = 0;
        var text = _memory.Read();
        while (!text.IsEmpty)
        {
            var line = new Fields(Fields.NextLine(ref text));
            var name = line.Next();
            total = name.SequenceEqual("MemTotal:"u8) ? line.NextNumber() : total;
            available = name.SequenceEqual("MemAvailable:"u8) ? line.NextNumber() : available;
            swap = name.SequenceEqual("SwapTotal:"u8) ? line.NextNumber() : swap;
            swapFree = name.SequenceEqual("SwapFree:"u8) ? line.NextNumber() : swapFree;
        }

        if (total > 0)
        {
            points.AddValue("node_memory_total_bytes", total * 1024.0);
            points.AddValue("node_memory_available_bytes", available * 1024.0);
            points.AddPercent("node_memory_used_percent", total - available, total);
            points.AddValue("node_swap_used_bytes", (swap - swapFree) * 1024.0);
        }
    }

    private void AddLoad(ICollection<MetricPoint> points)
    {
        var text = _load.Read();
        if (!text.IsEmpty)
        {
            var words = new Fields(text);
            points.AddValue("node_load1", words.NextDecimal());
            points.AddValue("node_load5", words.NextDecimal());
            points.AddValue("node_load15", words.NextDecimal());
        }
    }

    private void AddDisks(ICollection<MetricPoint> points, double seconds)
    {
        var text = _disks.Read();
        if (text.IsEmpty)
        {
            return;
        }

        var now = DiskCounters.Parse(text);
        if (_disksBefore is { } before)
        {
            points.AddRate(
                "node_disk_read_bytes_per_second",
                now.ReadSectors * SectorBytes,
                before.ReadSectors * SectorBytes,
                seconds
            );
            points.AddRate(
                "node_disk_written_bytes_per_second",
                now.WrittenSectors * SectorBytes,
                before.WrittenSectors * SectorBytes,
                seconds
            );
            points.AddRate("node_disk_operations_per_second", now.Operations, before.Operations, seconds);
            points.AddPercent("node_disk_busy_percent", (now.BusyMs - before.BusyMs) / 1000.0, seconds);
        }

        _disksBefore = now;
    }

    private void AddNetwork(ICollection<MetricPoint> points, double seconds)
    {
        var text = _network.Read();
        if (text.IsEmpty)
        {
            return;
        }

        var now = NetworkCounters.Parse(text);
        if (_networkBefore is { } before)
        {
            points.AddRate("node_network_received_bytes_per_second", now.ReceivedBytes, before.ReceivedBytes, seconds);
            points.AddRate("node_network_sent_bytes_per_second", now.SentBytes, before.SentBytes, seconds);
            points.AddRate("node_network_errors_per_second", now.Errors, before.Errors, seconds);
        }

        _networkBefore = now;
    }
}
