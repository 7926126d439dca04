using System.Text;
using System.Text.RegularExpressions;

namespace RalmActors.Monitoring.Probes;

/// <summary>
/// /proc/diskstats by device, and which of them are whole. A partition counts where its disk is not listed (some clouds give
/// an xvda1 alone); a path to a drive that is reached by several counts only where the drive itself is not listed. Loop, ram,
/// mapper and RAID devices show bytes again that a disk has carried.
/// </summary>
public static partial class DiskDevices
{
    public const int ReadSectors = 0;
    public const int WrittenSectors = 1;
    public const int Operations = 2;
    public const int BusyMs = 3;

    public static Dictionary<string, long[]> Parse(ReadOnlySpan<byte> text)
    {
        var devices = new Dictionary<string, long[]>(StringComparer.Ordinal);
        while (!text.IsEmpty)
        {
            var words = new Fields(Fields.NextLine(ref text)).Skip(2);
            var name = Encoding.UTF8.GetString(words.Next());
            if (WholeOf(name) is null)
            {
                continue;
            }

            var counters = new long[4];
            var reads = words.NextNumber();
            words.Next();
            counters[ReadSectors] = words.NextNumber();
            words.Next();
            counters[Operations] = reads + words.NextNumber();
            words.Next();
            counters[WrittenSectors] = words.NextNumber();
            counters[BusyMs] = words.Skip(2).NextNumber();
            devices[name] = counters;
        }

        return devices;
    }

    public static IEnumerable<string> Whole(Dictionary<string, long[]> devices) =>
        devices.Keys.Where(name => WholeOf(name) is { } whole && (whole == name || !devices.ContainsKey(whole)));

    /// <summary>The disk it is, or is a part of, or leads to; null: it is none.</summary>
    private static string? WholeOf(string name)
    {
        var form = Form().Match(name);
        return !form.Success ? null
            : form.Groups["subsystem"].Success ? $"{form.Groups["subsystem"].Value}{form.Groups["namespace"].Value}"
            : form.Groups["disk"].Value;
    }

    [GeneratedRegex(
        @"^((?<disk>(sd|vd|xvd|hd|ubd|dasd)[a-z]+)\d*"
            + @"|(?<disk>(nvme\d+n|mmcblk|nbd|rbd|pmem)\d+)(p\d+|boot\d+|rpmb)?"
            + @"|(?<subsystem>nvme\d+)c\d+(?<namespace>n\d+)(p\d+)?)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 100
    )]
    private static partial Regex Form();
}
