using System.Net.NetworkInformation;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>What Windows and macOS tell without privileges or native calls: memory, disk space and network.</summary>
public sealed class PortableNodeProbe(string dataPath, TimeProvider clock) : IProbe
{
    private readonly DiskUsage _usage = new(dataPath);
    private readonly DeviceTable _cards = new();
    private long _lookedAt;

    public void Sample(ICollection<MetricPoint> points)
    {
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;

        var memory = GC.GetGCMemoryInfo();
        points.AddValue("node_memory_total_bytes", memory.TotalAvailableMemoryBytes);
        points.AddPercent("node_memory_used_percent", memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes);
        _usage.AddTo(points);
        AddNetwork(points, seconds);
    }

    public void Dispose() { }

    private void AddNetwork(ICollection<MetricPoint> points, double seconds)
    {
        var now = new Dictionary<string, long[]>(StringComparer.Ordinal);
        var wired = new List<string>();
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
        {
            var counters = card.GetIPStatistics();
            now[card.Name] = [counters.BytesReceived, counters.BytesSent];
            if (card.NetworkInterfaceType is not (NetworkInterfaceType.Loopback or NetworkInterfaceType.Tunnel))
            {
                wired.Add(card.Name);
            }
        }

        var steps = _cards.Advance(now, NetworkDevices.ByName(wired));
        if (steps.Count > 0)
        {
            points.AddRate("node_network_received_bytes_per_second", steps.Sum(s => s[0]), seconds);
            points.AddRate("node_network_sent_bytes_per_second", steps.Sum(s => s[1]), seconds);
        }
    }
}
