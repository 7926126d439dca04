using System.Runtime.InteropServices;

namespace RalmActors.Trainer.Storage;

/// <summary>A file that is wholly there after a power cut, or not at all.</summary>
internal static partial class DurableFile
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Writes beside the target, forces it to the disk, renames, and forces the folder's entry to the disk.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = $"{path}.{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncDirectory(Path.GetDirectoryName(path)!);
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
