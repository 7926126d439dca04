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
                var (total, free) = (_drive.TotalSize, _drive.AvailableFreeSpace);
                points.AddValue("node_disk_total_bytes", total);
                points.AddValue("node_disk_free_bytes", free);
                points.AddPercent("node_disk_used_percent", total - free, total);
            }
        }
        catch (IOException)
        {
            // Not mounted now: its metrics are left out.
        }
    }
}
