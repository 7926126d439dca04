using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>Size and free space of the disk that holds a path.</summary>
public sealed class DiskUsage
{
    private readonly DriveInfo? _drive;

    public DiskUsage(string path)
    {
        try
        {
            // On Unix any path names its mount; on Windows the drive's letter does.
            _drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(path))! : path);
        }
        catch (ArgumentException)
        {
            _drive = null;
        }
    }

    public void AddTo(ICollection<MetricPoint> points)
    {
        try
        {
            if (_drive is not null)
            {
                AddTo(points, _drive.TotalSize, _drive.TotalFreeSpace, _drive.AvailableFreeSpace);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not mounted now: its metrics are left out.
        }
    }

    /// <summary>
    /// As df has it: blocks reserved for the superuser, or for other owners of a quota, are neither used nor available.
    /// </summary>
    /// <param name="free">For whomever.</param>
    /// <param name="available">For us.</param>
    public static void AddTo(ICollection<MetricPoint> points, long total, long free, long available)
    {
        var used = Math.Max(0, total - free);
        points.AddValue("node_disk_total_bytes", total);
        points.AddValue("node_disk_free_bytes", available);
        points.AddPercent("node_disk_used_percent", used, (double)used + available);
    }
}
