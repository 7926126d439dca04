using System.Diagnostics.Metrics;
using Microsoft.Net.Http.Headers;
using RalmActors.ClusterHost.Settings;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Metering;

public static class MeteringHosting
{
    public const string Path = "/metrics";

    /// <summary>What the node measures of itself: read by its own collector, by <c>/metrics</c>, and sent by OTLP where that is asked for.</summary>
    public static IServiceCollection AddMetering(this IServiceCollection services, OtlpSettings otlp)
    {
        services
            // The server's meters are of the node's own factory.
            .AddSingleton(provider => new MeterReader(provider.GetRequiredService<IMeterFactory>()))
            .AddHostedService<NodeGauges>();
        return otlp.Endpoint is null ? services : services.AddHostedService<OtlpReport>();
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet(
            Path,
            (HttpContext context, MeterReader meters) =>
            {
                var isOpen =
                    MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
                    && accepted.Any(a => a.MediaType.Equals("application/openmetrics-text", StringComparison.Ordinal));
                return Results.Text(
                    PrometheusText.Write(meters.Read(), isOpen),
                    isOpen ? PrometheusText.OpenMetricsType : PrometheusText.ContentType
                );
            }
        );
}
