using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

public static class HealthHosting
{
    public static IServiceCollection AddRalmHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<ChampionHealth>(ChampionHealth.Name, tags: [HealthTags.Ready]);
        services.AddSingleton<ChampionHealth>();
        services.AddSingleton<Readiness>();
        return services.AddHostedService<ReadinessLook>();
    }

    /// <summary>The two endpoints that ask for no key.</summary>
    public static void MapRalmHealth(this IEndpointRouteBuilder routes)
    {
        routes
            .MapHealthChecks(
                "/health/live",
                new HealthCheckOptions { Predicate = check => check.Tags.Contains(HealthTags.Live) }
            )
            .AllowAnonymous();
        routes
            .Map(
                "/health/ready",
                (Readiness readiness) =>
                {
                    var answer = readiness.Answer();
                    return Results.Json(answer, statusCode: answer.StatusCode);
                }
            )
            .AllowAnonymous();
    }
}
