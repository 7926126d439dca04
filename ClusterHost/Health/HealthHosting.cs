using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Cluster;

namespace RalmActors.ClusterHost.Health;

public static class HealthHosting
{
    public static IServiceCollection AddRalmHealth(this IServiceCollection services)
    {
        services
            .AddHealthChecks()
            .AddCheck<DatabaseCheck>("database", tags: [HealthTags.Ready, HealthTags.Doors])
            .AddCheck<ClaimCheck>("cluster", tags: [HealthTags.Ready, HealthTags.Doors]);
        services.AddSingleton<BeatState>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<Readiness>());
        return services.Configure<HealthCheckPublisherOptions>(options =>
        {
            options.Delay = TimeSpan.Zero;
            options.Period = Readiness.Period;
            options.Timeout = TimeSpan.FromSeconds(5);
            options.Predicate = check => check.Tags.Contains(HealthTags.Ready);
        });
    }

    /// <summary>The two doors that ask for no key.</summary>
    public static void MapRalmHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks(
            "/health/live",
            new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthTags.Live) }
        );
        routes.Map(
            "/health/ready",
            (Readiness readiness) =>
            {
                var answer = readiness.Answer();
                return Results.Json(answer, statusCode: answer.StatusCode);
            }
        );
    }
}
