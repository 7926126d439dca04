using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Node;

/// <summary>
/// One data folder, one node: two would write one SQLite journal, each from its own memory. The system lets go of the
/// lock when a process ends, however it ends.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="StartRefusedException">Another node uses the folder, or it cannot be written.</exception>
    public static DataFolderLock Take(string folder)
    {
        if (File.Exists(folder))
        {
            throw new StartRefusedException($"{folder} is a file, and must be a folder: name another one with --data");
        }

        try
        {
            if (!Directory.Exists(folder))
            {
                Create(folder);
            }

            return OfFile(Path.Combine(folder, "node.lock"), folder, "give this one a folder of its own with --data");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{folder} cannot be written to: {e.Message}", e);
        }
    }

    /// <summary>A SQLite file has a lock beside it: nodes of other folders may name it too.</summary>
    /// <exception cref="StartRefusedException">Another node uses the file, or its folder cannot be written.</exception>
    public static DataFolderLock? TakeDatabase(string? file)
    {
        if (file is null || Path.GetDirectoryName(file) is not { } folder)
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(folder);
            return OfFile($"{file}.lock", file, "give this one a database of its own");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{folder} cannot be written to: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static DataFolderLock OfFile(string path, string what, string advice)
    {
        try
        {
            return new DataFolderLock(OwnerOnly.Open(path, FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e) when (IsTaken(e))
        {
            throw new StartRefusedException($"{what} is used by another node; {advice}", e);
        }
    }

    /// <summary>EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.</summary>
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 || (e.HResult & 0xFFFF) == 32;

    private static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly.FolderMode);
        }
    }
}
