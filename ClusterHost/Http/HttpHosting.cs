using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Settings;
using Scalar.AspNetCore;

namespace RalmActors.ClusterHost.Http;

public static class HttpHosting
{
    public const string OpenApiPath = "/openapi/v1.json";

    private const string InFlight = "in-flight";

    /// <summary>Whatever does not say that it is for everybody needs a key, whether there is such an endpoint or not.</summary>
    public static IServiceCollection AddRalmHttp(
        this IServiceCollection services,
        HttpSettings settings,
        AcceptedKeys keys
    )
    {
        services
            .AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        // Not AddAuthentication: it brings data protection, which makes keys in the home folder that nothing here needs.
        services.AddAuthenticationCore(options => options.DefaultScheme = ApiKeyHandler.SchemeName);
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(
            ApiKeyHandler.SchemeName,
            configureOptions: null
        );
        services.TryAddSingleton(TimeProvider.System);
        services.AddRateLimiter(limits =>
        {
            limits.AddConcurrencyLimiter(InFlight, limit => limit.PermitLimit = settings.MaxInFlight);
            limits.OnRejected = (rejected, _) =>
                new(
                    Problem
                        .TooMuch($"{settings.MaxInFlight} requests are being worked on")
                        .ExecuteAsync(rejected.HttpContext)
                );
        });
        return services
            .AddSingleton(UrlEncoder.Default)
            .AddSingleton(keys)
            .AddSingleton<EndpointHandler>()
            .AddSingleton<BulkHandler>();
    }

    public static void MapRalm(this WebApplication app, RalmSettings settings)
    {
        app.UseProblems(settings.Http.MaxBodyBytes);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseReadiness(app.Services.GetRequiredService<Readiness>());
        app.UseRateLimiter();
        app.MapRalmHealth();
        app.MapMetrics();
        var document = OpenApiDocument.Of(Endpoints.All).ToJsonString();
        app.MapGet(OpenApiPath, () => Results.Text(document, "application/json"));
        app.MapScalarApiReference(options => options.WithTitle("RalmActors").WithOpenApiRoutePattern(OpenApiPath));
        foreach (var endpoint in Endpoints.All)
        {
            app.MapMethods(
                    endpoint.Route,
                    [endpoint.Method],
                    context =>
                        endpoint.IsBulk
                            ? context.RequestServices.GetRequiredService<BulkHandler>().Handle(endpoint, context)
                            : context.RequestServices.GetRequiredService<EndpointHandler>().Handle(endpoint, context)
                )
                .RequireRateLimiting(InFlight);
        }
    }
}
