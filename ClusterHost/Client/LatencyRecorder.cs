using System.Diagnostics;
using HdrHistogram;

namespace RalmActors.ClusterHost.Client;

/// <summary>Latencies of one kind of request, from 1 µs to 1 minute at three digits.</summary>
public sealed class LatencyRecorder
{
    private readonly LongConcurrentHistogram _microseconds = new(1, 60_000_000, 3);

    public long Count => _microseconds.TotalCount;

    public double P50Ms => Percentile(50);

    public double P99Ms => Percentile(99);

    public async Task<T> Time<T>(Func<Task<T>> request)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await request();
        Record(Stopwatch.GetElapsedTime(start));
        return result;
    }

    public void Record(TimeSpan elapsed) =>
        _microseconds.RecordValue(Math.Clamp((long)elapsed.TotalMicroseconds, 1, 60_000_000));

    private double Percentile(double percent) =>
        Count == 0 ? 0 : Math.Round(_microseconds.GetValueAtPercentile(percent) / 1000.0, 3);
}
