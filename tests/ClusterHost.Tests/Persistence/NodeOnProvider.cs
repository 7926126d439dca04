using Akka.Actor;
using RalmActors.ClusterHost.Tests.Node;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>A node on one kind of database, that can end and come back.</summary>
public abstract class NodeOnProvider : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-contract-").FullName;
    private Dictionary<string, string> _settings = [];
    private TestNode _node = null!;

    public ActorSystem System => _node.Node.System;

    protected abstract Task<Dictionary<string, string>> Settings();

    public async ValueTask InitializeAsync()
    {
        _settings = await Settings();
        _node = await TestNode.Start(_settings, _folder);
    }

    public async Task Restart()
    {
        await _node.DisposeAsync();
        _node = await TestNode.Start(_settings, _folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Npgsql.NpgsqlConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
