using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

public static class HealthHosting
{
    public static IServiceCollection AddRalmHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<Readiness>("doors", tags: [HealthTags.Doors]);
        services.AddHealthChecks().AddCheck<ChampionHealth>(ChampionHealth.Name, tags: [HealthTags.Ready]);
        services.AddSingleton<Readiness>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<Readiness>());
        return services.Configure<HealthCheckPublisherOptions>(options =>
        {
            options.Delay = TimeSpan.Zero;
            options.Period = Readiness.Period;
            options.Predicate = check => check.Tags.Contains(HealthTags.Ready);
        });
    }

    /// <summary>The two doors that ask for no key.</summary>
    public static void MapRalmHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", Of(HealthTags.Live));
        routes.MapHealthChecks("/health/ready", Of(HealthTags.Ready, HealthTags.Doors));
    }

    private static HealthCheckOptions Of(params string[] tags) => new() { Predicate = c => c.Tags.Overlaps(tags) };
}
