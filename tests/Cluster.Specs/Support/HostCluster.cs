using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>Nodes of one cluster, each a process of its own, on one PostgreSQL database.</summary>
/// <param name="seeds">The first so many nodes are seeds: as long as one of them lives, any node may start again.</param>
/// <param name="waits">For nodes that say nothing. Null: a killed node's entities start elsewhere at once, for it is dead; a
/// living one is given up as late as ever, however busy the machine is.</param>
public sealed class HostCluster(
    string folder,
    string database,
    int seeds = 1,
    IReadOnlyDictionary<string, string>? waits = null
) : IAsyncDisposable
{
    private readonly List<HostProcess> _nodes = [];
    private readonly List<string> _names = [];
    private readonly int[] _seedPorts = [.. Enumerable.Range(0, seeds).Select(_ => LocalServer.FreePort())];

    public IReadOnlyList<HostProcess> Nodes => _nodes;

    public HostProcess this[int node] => _nodes[node];

    /// <summary>As the cluster knows it.</summary>
    public string NameOf(int node) => _names[node];

    public int IndexOf(string name) => _names.IndexOf(name);

    /// <summary>The first ones are the seeds.</summary>
    public async Task<TimeSpan> Add()
    {
        var (node, address) = Make();
        var took = await node.Start();
        Take(node, address);
        return took;
    }

    /// <summary>So many at once; the first of a cluster comes before the others, to found it.</summary>
    public async Task Add(int count)
    {
        if (_nodes.Count == 0)
        {
            await Add();
            count--;
        }

        var nodes = new List<(HostProcess Node, string Address)>();
        for (var n = 0; n < count; n++)
        {
            nodes.Add(Make());
            Take(nodes[n].Node, nodes[n].Address);
        }

        await Task.WhenAll(nodes.Select(n => n.Node.Start()));
    }

    private void Take(HostProcess node, string address)
    {
        _nodes.Add(node);
        _names.Add(address);
    }

    private (HostProcess Node, string Address) Make()
    {
        var name = $"node-{_nodes.Count}";
        var port = _nodes.Count < seeds ? _seedPorts[_nodes.Count] : LocalServer.FreePort();
        var node = new HostProcess(
            Directory.CreateDirectory(Path.Combine(folder, name)).FullName,
            new Dictionary<string, string>(waits ?? ClusterWaits.ForTheDead)
            {
                ["RALM__PERSISTENCE__PROVIDER"] = "postgres",
                ["RALM__PERSISTENCE__CONNECTION_STRING"] = database,
                ["RALM__NODE__NAME"] = name,
                ["RALM__STORAGE__MODELS"] = Path.Combine(folder, "models"),
                ["RALM__NODE__HOST"] = "127.0.0.1",
                ["RALM__NODE__PUBLIC_HOST"] = "127.0.0.1",
                ["RALM__NODE__PORT"] = $"{port}",
                ["RALM__NODE__SEEDS"] = string.Join(',', _seedPorts.Select(p => $"127.0.0.1:{p}")),
            }
        );
        return (node, $"127.0.0.1:{port}");
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
