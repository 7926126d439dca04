using System.Runtime.InteropServices;

namespace Ralm.Datasets.Files;

/// <summary>
/// A file that is wholly there after a power cut, or not at all: it is written beside its place, forced to the disk, renamed,
/// and its folder's entry forced to the disk.
/// </summary>
internal sealed partial class DurableFile : IDisposable
{
    private const int ReadOnlyDirectory = 0x10000;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _isCommitted;

    public DurableFile(string path)
    {
        _path = path;
        _temporary = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp";
        _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1);
    }

    public Stream Content => _stream;

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new DurableFile(path);
        file.Content.Write(bytes);
        file.Commit();
    }

    /// <summary>Everything is written. Durable when this returns.</summary>
    public void Commit()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _isCommitted = true;
        SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_isCommitted)
        {
            File.Delete(_temporary);
        }
    }

    private static void SyncDirectory(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = open(folder, OperatingSystem.IsLinux() ? ReadOnlyDirectory : 0);
        if (descriptor < 0)
        {
            throw new IOException($"{folder} cannot be opened to be synced (errno {Marshal.GetLastPInvokeError()})");
        }

        var failed = fsync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        if (failed)
        {
            throw new IOException($"{folder} could not be synced to disk (errno {error})");
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);
}
