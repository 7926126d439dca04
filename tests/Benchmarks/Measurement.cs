using System.Diagnostics;

namespace RalmActors.Benchmarks;

/// <summary>Units done, wall seconds and the CPU seconds of this process and its ended children.</summary>
public sealed record Measurement(long Units, double WallSeconds, double CpuSeconds)
{
    public double PerSecond => Units / WallSeconds;

    public double PerCpuSecond => Units / CpuSeconds;

    public static async Task<Measurement> Of(Func<Task<long>> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var cpu = Cpu();
        var clock = Stopwatch.GetTimestamp();
        var units = await work();
        return new Measurement(units, Stopwatch.GetElapsedTime(clock).TotalSeconds, Cpu() - cpu);
    }

    /// <summary>/proc gives the ended children too, so that a peer in another process is counted.</summary>
    private static double Cpu()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        }

        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12]) + long.Parse(fields[13]) + long.Parse(fields[14]))
            / 100.0;
    }
}
