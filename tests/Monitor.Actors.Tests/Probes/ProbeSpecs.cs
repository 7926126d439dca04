using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Probes;
using Xunit;

namespace RalmActors.Monitoring.Tests.Probes;

[SupportedOSPlatform("linux")]
public sealed class ProbeSpecs : IDisposable
{
    private readonly FakeTimeProvider _clock = new(Given.T0);
    private readonly string _root = Directory.CreateTempSubdirectory("ralm-proc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_Linux_node_is_read_from_proc_with_rates_from_the_second_sampling_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        Write("stat", "cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 1 2 3\n");
        Write("meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\nSwapTotal: 10 kB\nSwapFree: 4 kB\n");
        Write("loadavg", "0.50 1.25 2.00 3/400 12345\n");
        Write("diskstats", Disks(reads: 10, sectors: 1000, writes: 5, written: 200, busy: 100));
        Write("net/dev", Network(received: 1000, sent: 500));
        using var probe = new LinuxNodeProbe(_root, _clock, _root);

        var first = Sampling(probe);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Write("stat", "cpu  160 0 70 900 60 0 0 10 40 0\n");
        Write("diskstats", Disks(reads: 40, sectors: 3000, writes: 25, written: 1200, busy: 2600));
        Write("net/dev", Network(received: 11_000, sent: 2500));
        var second = Sampling(probe);

        Assert.DoesNotContain(
            first.Keys,
            k => k.Contains("per_second", StringComparison.Ordinal) || k == "node_cpu_percent"
        );
        // 200 ticks passed: 100 idle, 10 waiting, 10 stolen; stolen ones are not ours but not free either.
        Assert.Equal(
            (45, 5, 5),
            (second["node_cpu_percent"], second["node_cpu_iowait_percent"], second["node_cpu_steal_percent"])
        );
        Assert.Equal(
            (75, 256_000, 6144),
            (second["node_memory_used_percent"], second["node_memory_available_bytes"], second["node_swap_used_bytes"])
        );
        Assert.Equal((0.5, 1.25, 2.0), (second["node_load1"], second["node_load5"], second["node_load15"]));
        // Partitions and loop devices are not counted again.
        Assert.Equal(
            (102_400, 51_200, 5),
            (
                second["node_disk_read_bytes_per_second"],
                second["node_disk_written_bytes_per_second"],
                second["node_disk_operations_per_second"]
            )
        );
        Assert.Equal(25, second["node_disk_busy_percent"]);
        Assert.Equal(
            (1000, 200),
            (second["node_network_received_bytes_per_second"], second["node_network_sent_bytes_per_second"])
        );
    }

    [Fact]
    public void What_cannot_be_read_is_left_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var probe = new LinuxNodeProbe(_root, _clock, _root);
        Sampling(probe);
        _clock.Advance(TimeSpan.FromSeconds(10));

        // The size of a disk comes from the file system itself.
        Assert.Equal(["node_disk_total_bytes", "node_disk_free_bytes", "node_disk_used_percent"], Sampling(probe).Keys);
    }

    [Fact]
    public void This_node_tells_what_an_operator_asks_first()
    {
        using var probe = new NodeProbes(_root, TimeProvider.System);
        Sampling(probe);
        // Some work between the samplings, so that time has passed.
        Assert.NotEqual(0, Enumerable.Range(0, 3_000_000).Sum(i => Math.Sqrt(i)));
        var sampling = Sampling(probe);

        Assert.All(sampling.Keys, name => Assert.True(MetricNames.IsValid(name), name));
        Assert.All(sampling, p => Assert.True(double.IsFinite(p.Value), p.Key));
        Assert.InRange(sampling["node_memory_used_percent"], 0.1, 100);
        Assert.InRange(sampling["node_disk_used_percent"], 0, 100);
        Assert.InRange(sampling["process_resident_bytes"], 10e6, 1e12);
        Assert.InRange(sampling["process_threads"], 2, 10_000);
        Assert.InRange(sampling["process_open_handles"], 3, 1e6);
        Assert.InRange(sampling["process_cpu_percent"], 0.1, 100.0 * Environment.ProcessorCount * 2);
    }

    [Fact]
    public void The_portable_probe_works_here_too()
    {
        using var probe = new PortableNodeProbe(_root, _clock);
        Sampling(probe);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("node_network_received_bytes_per_second", Sampling(probe).Keys);
    }

    private static Dictionary<string, double> Sampling(IProbe probe)
    {
        var points = new List<MetricPoint>();
        probe.Sample(points);
        return points.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
    }

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // In place: the probe holds the file open, as it does in /proc.
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength(0);
        stream.Write(Encoding.ASCII.GetBytes(text));
    }

    private static string Disks(int reads, int sectors, int writes, int written, int busy) =>
        $"""
               7       0 loop0 {reads} 0 {sectors} 1 {writes} 0 {written} 1 0 {2 * busy} 1
               8       0 sda {reads} 0 {sectors} 1 {writes} 0 {written} 1 0 {busy} 1
               8       1 sda1 {reads} 0 {sectors} 1 {writes} 0 {written} 1 0 {busy} 1
             259       0 nvme0n1 0 0 0 0 0 0 0 0 0 0 0
             259       1 nvme0n1p1 {reads} 0 {sectors} 1 {writes} 0 {written} 1 0 {busy} 1

            """;

    private static string Network(int received, int sent) =>
        $"""
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 9999999 9 0 0 0 0 0 0 9999999 9 0 0 0 0 0 0
              eth0: {received} 9 2 0 0 0 0 0 {sent} 9 3 0 0 0 0 0

            """;
}
