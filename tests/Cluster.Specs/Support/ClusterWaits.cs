namespace RalmActors.Cluster.Specs.Support;

/// <summary>Settings of nodes in specs that are not about how long a cluster waits for nodes that say nothing.</summary>
public static class ClusterWaits
{
    /// <summary>As the product waits.</summary>
    public static readonly IReadOnlyDictionary<string, string> Standard = new Dictionary<string, string>();

    /// <summary>Nodes that are given up are dead: nobody waits for their end. Nobody is given up sooner.</summary>
    public static readonly IReadOnlyDictionary<string, string> ForTheDead = new Dictionary<string, string>
    {
        ["RALM__CLUSTER__REMOVAL_MARGIN"] = "1",
    };

    /// <summary>Besides, a cluster that has ended is known to have ended sooner.</summary>
    public static readonly IReadOnlyDictionary<string, string> Short = new Dictionary<string, string>(ForTheDead)
    {
        ["RALM__CLUSTER__CLAIM_LAPSE"] = "5",
    };
}
