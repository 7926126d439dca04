using Microsoft.Net.Http.Headers;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Http;

/// <summary>What Prometheus scrapes.</summary>
public static class MetricsPage
{
    public const string Path = "/metrics";

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
