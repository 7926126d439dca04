using System.Runtime.Versioning;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>
/// CPU, memory, load, disk and network of a Linux node from /proc, see proc(5); in a container that has limits of its own,
/// CPU and memory by these.
/// </summary>
/// <param name="root">Where proc is mounted; default /proc. Tests give a folder of their own.</param>
/// <param name="dataPath">A path on the disk that holds the journal.</param>
/// <param name="sys">Where sysfs is mounted; null: sys beside <paramref name="root"/>.</param>
[SupportedOSPlatform("linux")]
public sealed class LinuxNodeProbe(string dataPath, TimeProvider clock, string root = "/proc", string? sys = null)
    : IProbe
{
    private const int SectorBytes = 512;

    private readonly ProcFile _stat = new(Path.Combine(root, "stat"));
    private readonly ProcFile _memory = new(Path.Combine(root, "meminfo"));
    private readonly ProcFile _load = new(Path.Combine(root, "loadavg"));
    private readonly ProcFile _disks = new(Path.Combine(root, "diskstats"));
    private readonly ProcFile _network = new(Path.Combine(root, "net/dev"));
    private readonly DiskUsage _usage = new(dataPath);
    private readonly ControlGroup _group = new(root, sys ?? Beside(root));
    private readonly NetworkDevices _devices = new(sys ?? Beside(root));
    private readonly DeviceTable _diskTable = new();
    private readonly DeviceTable _networkTable = new();

    private long _lookedAt;
    private long[]? _cpuBefore;
    private ControlGroup.CpuLimit? _limitBefore;

    public void Sample(ICollection<MetricPoint> points)
    {
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;

        AddCpu(points, seconds);
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

    private static string Beside(string root) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(root).TrimEnd('/')) ?? "/", "sys");

    private void AddCpu(ICollection<MetricPoint> points, double seconds)
    {
        var text = _stat.Read();
        if (text.IsEmpty)
        {
            return;
        }

        var now = CpuTimes.Parse(Fields.NextLine(ref text));
        var limit = _group.Cpu();
        // A quota of more processors than there are limits nothing.
        limit = limit?.Cores < Processors(text) ? limit : null;
        if (_cpuBefore is { } before)
        {
            var passed = CpuTimes.Between(before, now);
            if (limit is null)
            {
                points.AddPercent("node_cpu_percent", passed.Busy + passed.Steal, passed.Total);
            }
            else if (_limitBefore is { } earlier)
            {
                AddCpu(points, earlier, limit, seconds);
            }

            points.AddPercent("node_cpu_iowait_percent", passed.Wait, passed.Total);
            points.AddPercent("node_cpu_steal_percent", passed.Steal, passed.Total);
        }

        (_cpuBefore, _limitBefore) = (now, limit);
    }

    private static void AddCpu(
        ICollection<MetricPoint> points,
        ControlGroup.CpuLimit before,
        ControlGroup.CpuLimit now,
        double seconds
    )
    {
        points.AddPercent(
            "node_cpu_percent",
            (now.UsedMicroseconds - before.UsedMicroseconds) / 1e6,
            now.Cores * seconds
        );
        points.AddPercent(
            "node_cpu_throttled_percent",
            now.ThrottledPeriods - before.ThrottledPeriods,
            now.Periods - before.Periods
        );
    }

    private static int Processors(ReadOnlySpan<byte> text)
    {
        var processors = 0;
        while (Fields.NextLine(ref text).StartsWith("cpu"u8))
        {
            processors++;
        }

        return processors > 0 ? processors : int.MaxValue;
    }

    private void AddMemory(ICollection<MetricPoint> points)
    {
        // Without MemAvailable (before Linux 3.14): what is free, and what is kept of files.
        long? available = null;
        var (total, kept, swap, swapFree) = (0L, 0L, 0L, 0L);
        var text = _memory.Read();
        while (!text.IsEmpty)
        {
            var line = new Fields(Fields.NextLine(ref text));
            var name = line.Next();
            var kibibytes = line.NextNumber();
            total = name.SequenceEqual("MemTotal:"u8) ? kibibytes : total;
            available = name.SequenceEqual("MemAvailable:"u8) ? kibibytes : available;
            kept +=
                IsKept(name) ? kibibytes
                : name.SequenceEqual("Shmem:"u8) ? -kibibytes
                : 0;
            swap = name.SequenceEqual("SwapTotal:"u8) ? kibibytes : swap;
            swapFree = name.SequenceEqual("SwapFree:"u8) ? kibibytes : swapFree;
        }

        if (total <= 0)
        {
            return;
        }

        var (bytes, free) = (total * 1024, Math.Clamp(available ?? kept, 0, total) * 1024);
        if (_group.Memory() is { } limit && limit.Bytes < bytes)
        {
            (bytes, free) = (limit.Bytes, Math.Max(0, limit.Bytes - limit.Used));
        }

        points.AddValue("node_memory_total_bytes", bytes);
        points.AddValue("node_memory_available_bytes", free);
        points.AddPercent("node_memory_used_percent", bytes - free, bytes);
        points.AddValue("node_swap_used_bytes", Math.Max(0, swap - swapFree) * 1024.0);
    }

    private static bool IsKept(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("MemFree:"u8)
        || name.SequenceEqual("Buffers:"u8)
        || name.SequenceEqual("Cached:"u8)
        || name.SequenceEqual("SReclaimable:"u8);

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

        var now = DiskDevices.Parse(text);
        var steps = _diskTable.Advance(now, DiskDevices.Whole(now));
        if (steps.Count > 0)
        {
            points.AddRate(
                "node_disk_read_bytes_per_second",
                SectorBytes * Sum(steps, DiskDevices.ReadSectors),
                seconds
            );
            points.AddRate(
                "node_disk_written_bytes_per_second",
                SectorBytes * Sum(steps, DiskDevices.WrittenSectors),
                seconds
            );
            points.AddRate("node_disk_operations_per_second", Sum(steps, DiskDevices.Operations), seconds);
            // The busiest device's.
            points.AddPercent("node_disk_busy_percent", steps.Max(s => s[DiskDevices.BusyMs]) / 1000.0, seconds);
        }
    }

    private void AddNetwork(ICollection<MetricPoint> points, double seconds)
    {
        var text = _network.Read();
        if (text.IsEmpty)
        {
            return;
        }

        var now = NetworkDevices.Parse(text);
        var steps = _networkTable.Advance(now, _devices.Physical(now.Keys));
        if (steps.Count > 0)
        {
            points.AddRate("node_network_received_bytes_per_second", Sum(steps, NetworkDevices.Received), seconds);
            points.AddRate("node_network_sent_bytes_per_second", Sum(steps, NetworkDevices.Sent), seconds);
            points.AddRate(
                "node_network_errors_per_second",
                Sum(steps, NetworkDevices.ReceiveErrors) + Sum(steps, NetworkDevices.SendErrors),
                seconds
            );
        }
    }

    private static long Sum(List<long[]> steps, int counter) => steps.Sum(s => s[counter]);
}
