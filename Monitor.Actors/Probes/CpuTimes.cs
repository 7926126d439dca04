using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Probes;

/// <summary>The first line of /proc/stat, in clock ticks of all CPUs together.</summary>
/// <param name="Busy">User, nice, system and interrupts. Guest time is contained in user time already.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CpuTimes(long Busy, long Idle, long Wait, long Steal)
{
    private const int Counters = 8;

    public long Total => Busy + Idle + Wait + Steal;

    /// <summary>
    /// What has passed since: the sum of each counter's own step. Idle and waiting ticks are estimates and do go back now and
    /// then; such a step is nothing, not less than nothing.
    /// </summary>
    public static CpuTimes Between(ReadOnlySpan<long> before, ReadOnlySpan<long> now)
    {
        Span<long> steps = stackalloc long[Counters];
        for (var i = 0; i < Counters; i++)
        {
            steps[i] = Math.Max(0, now[i] - before[i]);
        }

        return new CpuTimes(steps[0] + steps[1] + steps[2] + steps[5] + steps[6], steps[3], steps[4], steps[7]);
    }

    /// <summary>User, nice, system, idle, wait, interrupts, soft interrupts, steal.</summary>
    public static long[] Parse(ReadOnlySpan<byte> line)
    {
        var words = new Fields(line).Skip(1);
        var counters = new long[Counters];
        foreach (ref var counter in counters.AsSpan())
        {
            counter = words.NextNumber();
        }

        return counters;
    }
}
