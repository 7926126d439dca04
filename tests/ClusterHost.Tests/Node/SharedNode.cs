namespace RalmActors.ClusterHost.Tests.Node;

/// <summary>
/// One whole node on SQLite for all specs that need no more than one: started at first use. Whoever uses it takes names of
/// its own for whatever it makes, and leaves the node as it is.
/// </summary>
public sealed class SharedNode : IAsyncDisposable
{
    private readonly Lazy<Task<TestNode>> _node = new(async () => await (await TestNode.Start()).Ready());

    public Task<TestNode> Node() => _node.Value;

    public async ValueTask DisposeAsync()
    {
        if (_node.IsValueCreated)
        {
            await (await _node.Value).DisposeAsync();
        }
    }
}
