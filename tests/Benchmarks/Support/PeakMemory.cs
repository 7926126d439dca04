using System.Globalization;

namespace RalmActors.Benchmarks.Support;

/// <summary>The largest resident memory of a process, as Linux counts it; elsewhere not a number.</summary>
public static class PeakMemory
{
    /// <summary>This process counts anew from what it holds now.</summary>
    public static void Forget()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (File.Exists("/proc/self/clear_refs"))
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }

    public static double OfMb(string process)
    {
        var file = $"/proc/{process}/status";
        return File.Exists(file)
            ? double.Parse(
                File.ReadLines(file).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ')[^2],
                CultureInfo.InvariantCulture
            ) / 1024
            : double.NaN;
    }
}
