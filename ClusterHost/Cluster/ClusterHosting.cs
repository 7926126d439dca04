using RalmActors.ClusterHost.Health;

namespace RalmActors.ClusterHost.Cluster;

public static class ClusterHosting
{
    /// <summary>Whether the database takes writes, and whether it is still this cluster's.</summary>
    public static IServiceCollection AddClusterHealth(this IServiceCollection services)
    {
        services
            .AddHealthChecks()
            .AddCheck<DatabaseCheck>("database", tags: [HealthTags.Ready, HealthTags.Endpoints])
            .AddCheck<ClaimCheck>("cluster", tags: [HealthTags.Ready, HealthTags.Endpoints]);
        return services.AddSingleton<BeatState>();
    }
}
