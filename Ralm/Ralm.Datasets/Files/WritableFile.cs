namespace Ralm.Datasets.Files;

/// <summary>Whether a file can be written is found out before the work that it is to tell of, not after it.</summary>
public static class WritableFile
{
    /// <summary>Its folder is there, made where it was not, and takes a file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Check(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.Create($"{path}.{Environment.ProcessId}.tmp", 1, FileOptions.DeleteOnClose).Dispose();
    }
}
