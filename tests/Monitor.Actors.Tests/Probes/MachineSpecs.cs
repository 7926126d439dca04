using System.Globalization;
using System.Runtime.Versioning;
using Microsoft.Extensions.Time.Testing;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Probes;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Probes;

/// <summary>
/// Small machines of files, each with proc and sys before and ten seconds after (what has not changed is not said again), and
/// with the right answers of the second sampling, computed by hand.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class MachineSpecs : IDisposable
{
    private readonly FakeTimeProvider _clock = new(Given.T0);
    private readonly string _root = Directory.CreateTempSubdirectory("ralm-machine-").FullName;

    private static string Machines => RepositoryFiles.PathOf("tests/Monitor.Actors.Tests/Probes/Machines");

    public static TheoryData<string> Names =>
        [.. Directory.EnumerateDirectories(Machines).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_machine_is_told_as_it_is(string machine)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        Become(Path.Combine(Machines, machine, "before"));
        using var probe = new LinuxNodeProbe(_root, _clock, Path.Combine(_root, "proc"));
        var first = Sampling(probe);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Become(Path.Combine(Machines, machine, "after"));
        var second = Sampling(probe);

        Assert.DoesNotContain(first.Keys, k => k.EndsWith("per_second", StringComparison.Ordinal));
        foreach (var line in File.ReadLines(Path.Combine(Machines, machine, "right.txt")))
        {
            var (metric, right) = (line.Split(' ')[0], line.Split(' ')[1]);
            var told = second.TryGetValue(metric, out var value)
                ? value.ToString(CultureInfo.InvariantCulture)
                : "absent";
            Assert.Equal($"{metric} {right}", $"{metric} {told}");
        }
    }

    [Theory]
    // An almost empty volume of 100, half of it reserved; quotas can make more available than is free.
    [InlineData(100_000, 88_000, 38_000, 24)]
    [InlineData(100, 100, 100, 0)]
    [InlineData(100, 5, 0, 100)]
    [InlineData(100, 120, 120, 0)]
    public void A_disk_is_as_full_as_df_says(long total, long free, long available, double percent)
    {
        var points = new List<MetricPoint>();

        DiskUsage.AddTo(points, total, free, available);

        Assert.Equal(percent, points.Single(p => p.Name == "node_disk_used_percent").Value);
        Assert.Equal(available, points.Single(p => p.Name == "node_disk_free_bytes").Value);
    }

    private static Dictionary<string, double> Sampling(LinuxNodeProbe probe)
    {
        var points = new List<MetricPoint>();
        probe.Sample(points);
        return points.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
    }

    private void Become(string machine)
    {
        if (!Directory.Exists(machine))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(machine, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(_root, Path.GetRelativePath(machine, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // In place: the probe holds files open, as it does in /proc.
            using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength(0);
            stream.Write(File.ReadAllBytes(file));
        }
    }
}
