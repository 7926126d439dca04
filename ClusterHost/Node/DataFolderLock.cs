namespace RalmActors.ClusterHost.Node;

/// <summary>
/// One data folder, one node: two would write one SQLite journal, each from its own memory. The system lets go of the
/// lock when a process ends, however it ends.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another node uses the folder, or it cannot be written.</exception>
    public static DataFolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder} cannot be made a data folder: {e.Message}", e);
        }

        var path = Path.Combine(folder, "node.lock");
        try
        {
            return new DataFolderLock(
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
            );
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException(
                $"{folder} is used by another node; give this one a folder of its own with --data",
                e
            );
        }
    }

    public void Dispose() => _file.Dispose();
}
