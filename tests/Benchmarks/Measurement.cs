using System.Diagnostics;

namespace RalmActors.Benchmarks;

/// <summary>Units done, wall seconds and the CPU seconds of this process, its ended children, and a peer that still runs.</summary>
public sealed record Measurement(long Units, double WallSeconds, double CpuSeconds)
{
    public double PerSecond => Units / WallSeconds;

    public double PerCpuSecond => Units / CpuSeconds;

    /// <param name="elsewhere">CPU seconds so far of a process that does the work and does not end with it.</param>
    public static async Task<Measurement> Of(Func<Task<long>> work, Func<double> elsewhere)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var cpu = Cpu() + elsewhere();
        var clock = Stopwatch.GetTimestamp();
        var units = await work();
        return new Measurement(units, Stopwatch.GetElapsedTime(clock).TotalSeconds, Cpu() + elsewhere() - cpu);
    }

    /// <summary>/proc gives the ended children too, so that a peer in another process is counted.</summary>
    private static double Cpu()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        }

        return CpuOf("self");
    }

    /// <summary>CPU seconds so far of a process and its ended children, by its number; 0 where there is no /proc.</summary>
    public static double CpuOf(string process)
    {
        var file = $"/proc/{process}/stat";
        if (!File.Exists(file))
        {
            return 0;
        }

        var stat = File.ReadAllText(file);
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12]) + long.Parse(fields[13]) + long.Parse(fields[14]))
            / 100.0;
    }
}
