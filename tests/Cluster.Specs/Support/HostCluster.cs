using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>Nodes of one cluster, each a process of its own, on one PostgreSQL database.</summary>
public sealed class HostCluster(string folder, string database) : IAsyncDisposable
{
    private readonly List<HostProcess> _nodes = [];
    private readonly List<string> _names = [];
    private readonly int _seedPort = LocalServer.FreePort();

    public HostProcess this[int node] => _nodes[node];

    /// <summary>As the cluster knows it.</summary>
    public string NameOf(int node) => _names[node];

    public int IndexOf(string name) => _names.IndexOf(name);

    /// <summary>The first one is the seed.</summary>
    public async Task<TimeSpan> Add()
    {
        var name = $"node-{_nodes.Count}";
        var port = _nodes.Count == 0 ? _seedPort : LocalServer.FreePort();
        var node = new HostProcess(
            Directory.CreateDirectory(Path.Combine(folder, name)).FullName,
            new Dictionary<string, string>
            {
                ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
                ["RALM__PERSISTENCE__CONNECTION_STRING"] = database,
                ["RALM__NODE__NAME"] = name,
                ["RALM__STORAGE__MODELS"] = Path.Combine(folder, "models"),
                ["RALM__NODE__HOST"] = "127.0.0.1",
                ["RALM__NODE__PUBLIC_HOST"] = "127.0.0.1",
                ["RALM__NODE__PORT"] = $"{port}",
                ["RALM__NODE__SEEDS"] = $"127.0.0.1:{_seedPort}",
            }
        );
        var took = await node.Start();
        _nodes.Add(node);
        _names.Add($"127.0.0.1:{port}");
        return took;
    }

    /// <summary>Posts a command to one node after the other until it is accepted.</summary>
    /// <param name="first">Where to begin.</param>
    public async Task Accepted(string path, ICommand command, int first)
    {
        var next = first;
        await Eventually.Is(() => _nodes[next++ % _nodes.Count].TryAccepted(path, command));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
