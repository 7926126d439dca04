using System.Net.NetworkInformation;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>What Windows and macOS tell without privileges or native calls: memory, disk space and network.</summary>
public sealed class PortableNodeProbe(string dataPath, TimeProvider clock) : IProbe
{
    private readonly DiskUsage _usage = new(dataPath);
    private long _lookedAt;
    private (long Received, long Sent)? _before;

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
        var (received, sent) = (0L, 0L);
        foreach (var card in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            {
                var counters = card.GetIPStatistics();
                received += counters.BytesReceived;
                sent += counters.BytesSent;
            }
        }

        if (_before is { } before)
        {
            points.AddRate("node_network_received_bytes_per_second", received, before.Received, seconds);
            points.AddRate("node_network_sent_bytes_per_second", sent, before.Sent, seconds);
        }

        _before = (received, sent);
    }
}
