using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;

namespace RalmActors.ClusterHost.Commands;

/// <summary>Where a command has a node of its own: kept where the owner says so, else gone with the command.</summary>
internal sealed class WorkFolder(string? keep, string name) : IDisposable
{
    public string Path { get; } = keep ?? Directory.CreateTempSubdirectory($"ralm-{name}-").FullName;

    /// <summary>
    /// Does something in the folder before a node uses it, and only where none does. Beside the command: one that has not
    /// come to its first await is not told of Ctrl-C.
    /// </summary>
    public Task<T> Alone<T>(Func<string, T> work) =>
        Task.Run(() =>
        {
            using var alone = DataFolderLock.Take(Path);
            return work(Path);
        });

    public Task<RalmNode> Start(CancellationToken ct) =>
        RalmNode.Start(
            RalmSettings.Read(
                ProcessSettings.Written(
                    new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                    {
                        ["Node:DataPath"] = Path,
                        ["Http:Urls"] = "http://127.0.0.1:0",
                        ["Logging:Level"] = "error",
                        ["Logging:Console"] = LoggingSettings.Errors,
                    }
                )
            ),
            ct
        );

    public void Dispose()
    {
        if (keep is null)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
