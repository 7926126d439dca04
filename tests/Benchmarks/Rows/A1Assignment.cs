using System.Diagnostics;
using RalmActors.Messages.AbTesting;

namespace RalmActors.Benchmarks.Rows;

/// <summary>A local assignment, with its look-up among running tests, against a service that hashes behind a lock.</summary>
public sealed class A1Assignment : IComparison
{
    private const int Units = 2_000_000;

    /// <summary>Printed by the peer itself: units and the seconds of its loop, without the interpreter's start.</summary>
    private const string Service = """
        import hashlib, threading, time
        lock, tests, cache = threading.Lock(), {'model_comparison': {'split': .5, 'A': 0, 'B': 0}}, {}
        def assign(test, unit):
            with lock:
                t = tests.get(test)
                key = (test, unit); g = cache.get(key)
                if g is None:
                    g = 'A' if int(hashlib.md5((test + ':' + unit).encode()).hexdigest(), 16) % 10000 < t['split'] * 10000 else 'B'
                    cache[key] = g; t[g] += 1
                return g
        units = ['user_%d' % k for k in range(400000)]
        for u in units: assign('model_comparison', u)
        """;

    private readonly string[] _units = [.. Enumerable.Range(0, Units).Select(i => $"user_{i}")];
    private readonly Dictionary<string, Assignment> _tests = new(StringComparer.Ordinal);
    private long _bytes;
    private double _nanoseconds;

    public string Id => "A1";
    public string Unit => "assignments";
    public string Product => "local assignment by hash, first time, incl. look-up";
    public string Peer => "Python service with lock and cache, first time";
    public double Must => 12;
    public double Stretch => 25;

    public string Note =>
        $"{_nanoseconds:F0} ns and {_bytes / (double)Units:F2} B allocated an assignment (goal: 150 ns, 0 B).";

    public Task SetUp(CancellationToken ct)
    {
        foreach (var id in Enumerable.Range(0, 100).Select(i => i == 0 ? "model_comparison" : $"test-{i}"))
        {
            _tests[id] = new Assignment(
                new RunningExperiment
                {
                    ExperimentId = id,
                    Salt = id,
                    Exposure = Assignment.Buckets,
                    Cells = 16,
                    Arms =
                    {
                        new Arm { Name = "A", Weight = 5000 },
                        new Arm { Name = "B", Weight = 5000 },
                    },
                }
            );
        }

        return Task.CompletedTask;
    }

    public Task<long> RunProduct(CancellationToken ct)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var first = 0L;
        foreach (var unit in _units)
        {
            first += _tests["model_comparison"].Assign(unit).Arm == 0 ? 1 : 0;
        }

        _nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Units;
        _bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return Task.FromResult(first > 0 ? (long)Units : 0);
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Service]) { UseShellExecute = false })!;
        await python.WaitForExitAsync(ct);
        return python.ExitCode == 0 ? 400_000 : throw new InvalidOperationException("the Python peer failed");
    }

    public Task TearDown() => Task.CompletedTask;
}
