using Xunit;

namespace RalmActors.ClusterHost.Tests.Node;

/// <summary>One node for a class of specs that do something to its files, and undo it.</summary>
public sealed class NodeInFolder : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("ralm-in-folder-").FullName;

    public TestNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Node = await (await TestNode.Start(folder: Folder)).Ready();

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}
