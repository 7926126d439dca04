using Prometheus;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Settings;
using Scalar.AspNetCore;

namespace RalmActors.ClusterHost.Http;

public static class HttpHosting
{
    public const string OpenApiPath = "/openapi/v1.json";

    public static void MapRalm(this WebApplication app, RalmSettings settings, AcceptedKeys keys)
    {
        app.UseProblems(settings.Http.MaxBodyBytes);
        app.UseApiKeys(keys);
        app.UseAdmission(app.Services.GetRequiredService<Readiness>(), settings.Http);
        app.MapRalmHealth();
        app.CountUnreadable();
        app.MapMetrics();
        var document = OpenApiDocument.Of(Endpoints.All).ToJsonString();
        app.MapGet(OpenApiPath, () => Results.Text(document, "application/json"));
        app.MapScalarApiReference(options => options.WithTitle("RalmActors").WithOpenApiRoutePattern(OpenApiPath));
        foreach (var endpoint in Endpoints.All)
        {
            app.MapMethods(
                endpoint.Route,
                [endpoint.Method],
                context => context.RequestServices.GetRequiredService<EndpointHandler>().Handle(endpoint, context)
            );
        }
    }
}
