namespace RalmActors.TestSupport;

/// <summary>Files of the working copy the tests were built from.</summary>
public static class RepositoryFiles
{
    /// <summary>The folder that holds the solution file.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RalmActors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no folder above {start} holds RalmActors.sln");
    }
}
