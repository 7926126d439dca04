namespace RalmActors.ClusterHost.Health;

/// <summary>Which door a health check answers at.</summary>
public static class HealthTags
{
    /// <summary><c>/health/live</c>: restart the process when it fails.</summary>
    public const string Live = "live";

    /// <summary><c>/health/ready</c>: send no traffic while it fails.</summary>
    public const string Ready = "ready";

    /// <summary>What <c>/health/ready</c> asks besides: do the doors know that the checks have passed?</summary>
    public const string Doors = "doors";
}
