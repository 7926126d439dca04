using System.Diagnostics;
using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>This process on any system: CPU, memory, threads, handles, garbage collection and thread pool.</summary>
public sealed class ProcessProbe(TimeProvider clock) : IProbe
{
    // Process re-reads and parses far more than the two files it takes; on Linux those are read directly.
    private readonly Process? _portable = OperatingSystem.IsLinux() ? null : Process.GetCurrentProcess();
    private readonly ProcFile? _status = OperatingSystem.IsLinux() ? new ProcFile("/proc/self/stat") : null;

    private const int SamplingsPerHandleCount = 10;

    private long _lookedAt;
    private long _samplings;
    private int _openHandles;
    private TimeSpan? _cpuBefore;
    private long _allocatedBefore;

    public void Sample(ICollection<MetricPoint> points)
    {
        var now = clock.GetTimestamp();
        var seconds = clock.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;

        AddCpu(points, seconds);
        if (_status is not null)
        {
            AddFromProc(points, _status.Read());
        }
        else
        {
            AddPortable(points);
        }

        AddRuntime(points, seconds);
    }

    public void Dispose()
    {
        _portable?.Dispose();
        _status?.Dispose();
    }

    private void AddCpu(ICollection<MetricPoint> points, double seconds)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        if (_cpuBefore is { } before)
        {
            // Of one CPU: two busy ones are 200 %.
            points.AddPercent(
                "process_cpu_percent",
                (cpu - before).TotalSeconds,
                seconds,
                most: 100.0 * Environment.ProcessorCount
            );
        }

        _cpuBefore = cpu;
    }

    private void AddFromProc(ICollection<MetricPoint> points, ReadOnlySpan<byte> stat)
    {
        // The second field, the command's name in brackets, may hold blanks: count from behind it.
        var behindName = stat.LastIndexOf((byte)')');
        if (behindName < 0)
        {
            return;
        }

        var words = new Fields(stat[(behindName + 1)..]).Skip(17);
        points.AddValue("process_threads", words.NextNumber());
        points.AddValue("process_resident_bytes", words.Skip(3).NextNumber() * (double)Environment.SystemPageSize);
        points.AddValue("process_open_handles", OpenHandles());
    }

    /// <summary>Listing a few hundred handles costs more than all the rest, and a leak shows over hours: every tenth sampling counts.</summary>
    private int OpenHandles()
    {
        if (_samplings++ % SamplingsPerHandleCount == 0)
        {
            _openHandles = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        }

        return _openHandles;
    }

    private void AddPortable(ICollection<MetricPoint> points)
    {
        _portable!.Refresh();
        points.AddValue("process_threads", _portable.Threads.Count);
        points.AddValue("process_resident_bytes", _portable.WorkingSet64);
        points.AddValue("process_open_handles", _portable.HandleCount);
    }

    private void AddRuntime(ICollection<MetricPoint> points, double seconds)
    {
        points.AddValue("dotnet_heap_bytes", GC.GetTotalMemory(forceFullCollection: false));
        points.AddValue("dotnet_gc_gen0_collections", GC.CollectionCount(0));
        points.AddValue("dotnet_gc_gen1_collections", GC.CollectionCount(1));
        points.AddValue("dotnet_gc_gen2_collections", GC.CollectionCount(2));
        points.AddValue("dotnet_gc_pause_milliseconds", Math.Round(GC.GetTotalPauseDuration().TotalMilliseconds));
        var allocated = GC.GetTotalAllocatedBytes();
        if (_allocatedBefore > 0)
        {
            points.AddRate("dotnet_allocated_bytes_per_second", allocated - _allocatedBefore, seconds);
        }

        _allocatedBefore = allocated;
        points.AddValue("dotnet_threadpool_threads", ThreadPool.ThreadCount);
        points.AddValue("dotnet_threadpool_queue_length", ThreadPool.PendingWorkItemCount);
        points.AddValue("dotnet_lock_contentions", Monitor.LockContentionCount);
    }
}
