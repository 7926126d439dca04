using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Probes;

/// <summary>The first line of /proc/stat, in clock ticks of all CPUs together.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CpuTimes(long Total, long Idle, long Wait, long Steal)
{
    public static CpuTimes Parse(ReadOnlySpan<byte> line)
    {
        var words = new Fields(line).Skip(1);
        var (user, nice, system) = (words.NextNumber(), words.NextNumber(), words.NextNumber());
        var (idle, wait) = (words.NextNumber(), words.NextNumber());
        var (irq, softIrq, steal) = (words.NextNumber(), words.NextNumber(), words.NextNumber());
        // Guest time follows, but is contained in user time already.
        return new CpuTimes(user + nice + system + idle + wait + irq + softIrq + steal, idle, wait, steal);
    }
}
