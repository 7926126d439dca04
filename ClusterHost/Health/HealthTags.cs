namespace RalmActors.ClusterHost.Health;

/// <summary>What a health check has a say in.</summary>
public static class HealthTags
{
    /// <summary><c>/health/live</c>: restart the process when it fails. Nothing outside the process has a part in it.</summary>
    public const string Live = "live";

    /// <summary><c>/health/ready</c>: send no traffic while it fails.</summary>
    public const string Ready = "ready";

    /// <summary>The endpoints: while it fails, a command or question could not be answered.</summary>
    public const string Endpoints = "endpoints";

    /// <summary>Made by Akka: its description may hold anything, and stays inside.</summary>
    public const string Akka = "akka";
}
