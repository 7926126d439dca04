using System.Globalization;

namespace RalmActors.Monitoring.Probes;

/// <summary>
/// What the control group of this process may have, in version 1 and 2, see cgroups(7): a container's own limits, where /proc
/// shows those of its host. Groups are nested; the tightest limit of one's own and all above holds.
/// </summary>
/// <param name="proc">Where proc is mounted.</param>
/// <param name="sys">Where sysfs is mounted.</param>
public sealed class ControlGroup(string proc, string sys)
{
    private readonly string _root = Path.Combine(sys, "fs/cgroup");
    private readonly string[] _lines = Lines(Path.Combine(proc, "self/cgroup"));

    /// <param name="Used">Without what is kept of files only as long as nobody needs the space.</param>
    public sealed record MemoryLimit(long Bytes, long Used);

    /// <param name="Cores">How much of one processor: 1.5 are one and a half.</param>
    /// <param name="UsedMicroseconds">Since the group began.</param>
    public sealed record CpuLimit(double Cores, long UsedMicroseconds, long Periods, long ThrottledPeriods);

    /// <summary>Null: there is none.</summary>
    public MemoryLimit? Memory()
    {
        var old = Levels("memory")
            .Select(level =>
                Limit(
                    Least(
                        Number(level, "memory.limit_in_bytes"),
                        Entry(level, "memory.stat", "hierarchical_memory_limit")
                    ),
                    Number(level, "memory.usage_in_bytes"),
                    Entry(level, "memory.stat", "total_inactive_file")
                )
            );
        var unified = Levels("")
            .Select(level =>
                Limit(
                    Number(level, "memory.max"),
                    Number(level, "memory.current"),
                    Entry(level, "memory.stat", "inactive_file")
                )
            );
        return old.Concat(unified).OfType<MemoryLimit>().MinBy(l => l.Bytes);
    }

    /// <summary>Null: there is none.</summary>
    public CpuLimit? Cpu()
    {
        var old = Levels("cpu")
            .Zip(
                Levels("cpuacct"),
                (level, account) =>
                    Limit(
                        level,
                        Number(level, "cpu.cfs_quota_us"),
                        Number(level, "cpu.cfs_period_us"),
                        Number(account, "cpuacct.usage") / 1000
                    )
            );
        var unified = Levels("")
            .Select(level =>
                Lines(Path.Combine(level, "cpu.max")) is [var line, ..] && line.Split(' ') is [var quota, var period]
                    ? Limit(level, Parse(quota), Parse(period), Entry(level, "cpu.stat", "usage_usec"))
                    : null
            );
        return old.Concat(unified).OfType<CpuLimit>().MinBy(l => l.Cores);
    }

    private static MemoryLimit? Limit(long? bytes, long? used, long? inactiveFile) =>
        bytes is > 0 and var limit && used is { } all
            ? new MemoryLimit(limit, Math.Max(0, all - (inactiveFile ?? 0)))
            : null;

    private static CpuLimit? Limit(string level, long? quota, long? period, long? used) =>
        quota is > 0 && period is > 0 && used is { } microseconds
            ? new CpuLimit(
                (double)quota / period.Value,
                microseconds,
                Entry(level, "cpu.stat", "nr_periods") ?? 0,
                Entry(level, "cpu.stat", "nr_throttled") ?? 0
            )
            : null;

    /// <summary>
    /// Folders of the group and of those above it, the innermost first. A container often sees its own group as the root, though
    /// its path is the host's.
    /// </summary>
    /// <param name="controller">Of version 1; empty: version 2.</param>
    private IEnumerable<string> Levels(string controller)
    {
        foreach (var line in _lines)
        {
            if (
                line.Split(':', 3) is not [_, var controllers, var path]
                || !controllers.Split(',').Contains(controller, StringComparer.Ordinal)
            )
            {
                continue;
            }

            string[] mounts =
                controller.Length == 0
                    ? [Path.Combine(_root, "unified"), _root]
                    : [Path.Combine(_root, controllers), Path.Combine(_root, controller)];
            var mount = Array.Find(mounts, Directory.Exists);
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (mount is null)
            {
                continue;
            }

            for (var depth = parts.Contains("..", StringComparer.Ordinal) ? 0 : parts.Length; depth >= 0; depth--)
            {
                yield return Path.Combine([mount, .. parts[..depth]]);
            }
        }
    }

    private static long? Least(long? one, long? other) => one is null || other < one ? other ?? one : one;

    private static long? Number(string level, string file) =>
        Lines(Path.Combine(level, file)) is [var line, ..] ? Parse(line) : null;

    private static long? Entry(string level, string file, string key)
    {
        var line = Array.Find(
            Lines(Path.Combine(level, file)),
            l => l.StartsWith(key, StringComparison.Ordinal) && l.Length > key.Length && l[key.Length] == ' '
        );
        return line is null ? null : Parse(line[(key.Length + 1)..]);
    }

    /// <summary>Null for "max" too.</summary>
    private static long? Parse(string text) =>
        long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
