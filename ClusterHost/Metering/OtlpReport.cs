using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Metering;

/// <summary>Sends the same metrics to a collector of OpenTelemetry, as <c>service.name</c> ralm and <c>service.instance.id</c> the node's name.</summary>
public sealed class OtlpReport(RalmSettings settings) : IHostedService, IDisposable
{
    private MeterProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var otlp = settings.Otlp;
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource =>
                resource.AddService(
                    "ralm",
                    serviceVersion: ClusterClaim.Release,
                    autoGenerateServiceInstanceId: false,
                    serviceInstanceId: settings.Node.Name
                )
            )
            .AddMeter(RalmMetrics.MeterName, MeterReader.Http, MeterReader.Runtime)
            .AddOtlpExporter(
                (exporter, reader) =>
                {
                    var isHttp = otlp.Protocol == OtlpSettings.Http;
                    exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
                    // The path is the exporter's to add only where it has the endpoint from the environment.
                    exporter.Endpoint = isHttp ? new Uri(otlp.Endpoint!, "/v1/metrics") : otlp.Endpoint!;
                    if (otlp.Headers.Length > 0)
                    {
                        exporter.Headers = otlp.Headers;
                    }

                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)
                        otlp.Interval.TotalMilliseconds;
                }
            )
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        // A collector that is away must not hold the node up.
        _provider?.Shutdown(timeoutMilliseconds: 1_000);
        return Task.CompletedTask;
    }

    public void Dispose() => _provider?.Dispose();
}
