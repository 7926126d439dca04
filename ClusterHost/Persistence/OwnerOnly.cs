using System.Runtime.InteropServices;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// What a node keeps is for its owner alone: folders 0700, files 0600. SQLite gives its side files the mode of the
/// database, so that one is enough.
/// </summary>
public static class OwnerOnly
{
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    /// <summary>077 in octal.</summary>
    private const uint OthersBits = 0x3F;

    /// <summary>From now on this process makes nothing that others may read.</summary>
    public static void SetUmask()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = umask(OthersBits);
        }
    }

    /// <summary>An empty file of that name, unless there is one.</summary>
    public static void Create(string file)
    {
        if (!File.Exists(file))
        {
            Open(file, System.IO.FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();
        }
    }

    public static FileStream Open(string file, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = share,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        return new FileStream(file, options);
    }

    /// <summary>A whole file or none, also when the process ends in the middle.</summary>
    public static void Write(string file, string text)
    {
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        using (var writer = new StreamWriter(Open(temporary, System.IO.FileMode.Create, FileShare.None)))
        {
            writer.WriteLine(text);
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>Takes from everybody else what an earlier release left open.</summary>
    /// <returns>What was changed.</returns>
    public static IReadOnlyList<string> Tighten(IEnumerable<string> folders, IEnumerable<string> files)
    {
        return
        [
            .. folders.Where(Directory.Exists).Where(folder => Tighten(folder, FolderMode)),
            .. files.Where(File.Exists).Where(file => Tighten(file, FileMode)),
        ];
    }

    private static bool Tighten(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~mode) == UnixFileMode.None)
        {
            return false;
        }

        File.SetUnixFileMode(path, mode);
        return true;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint umask(uint mask);
}
