namespace RalmActors.ClusterHost.Cluster;

/// <summary>Why a running node ends by itself.</summary>
public sealed class NodeEnd
{
    private volatile string? _reason;

    /// <summary><c>null</c>: it has no reason of its own.</summary>
    public string? Reason => _reason;

    public void Refuse(string reason) => _reason ??= reason;
}
