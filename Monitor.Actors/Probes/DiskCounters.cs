using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Probes;

/// <summary>/proc/diskstats summed over whole devices; busy time is the busiest device's.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DiskCounters(long ReadSectors, long WrittenSectors, long Operations, long BusyMs)
{
    public static DiskCounters Parse(ReadOnlySpan<byte> text)
    {
        var sum = default(DiskCounters);
        while (!text.IsEmpty)
        {
            var words = new Fields(Fields.NextLine(ref text)).Skip(2);
            if (!IsWholeDevice(words.Next()))
            {
                continue;
            }

            var reads = words.NextNumber();
            words.Next();
            var readSectors = words.NextNumber();
            words.Next();
            var writes = words.NextNumber();
            words.Next();
            var writtenSectors = words.NextNumber();
            var busy = words.Skip(2).NextNumber();
            sum = new DiskCounters(
                sum.ReadSectors + readSectors,
                sum.WrittenSectors + writtenSectors,
                sum.Operations + reads + writes,
                Math.Max(sum.BusyMs, busy)
            );
        }

        return sum;
    }

    /// <summary>Partitions, loop, ram and mapper devices would count the same bytes twice.</summary>
    private static bool IsWholeDevice(ReadOnlySpan<byte> name) =>
        name switch
        {
            _ when name.StartsWith("nvme"u8) || name.StartsWith("mmcblk"u8) => !name[4..].Contains((byte)'p'),
            _ when name.StartsWith("sd"u8)
                    || name.StartsWith("vd"u8)
                    || name.StartsWith("xvd"u8)
                    || name.StartsWith("hd"u8) => !char.IsAsciiDigit((char)name[^1]),
            _ => false,
        };
}
