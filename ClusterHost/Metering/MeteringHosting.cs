using System.Diagnostics.Metrics;
using RalmActors.ClusterHost.Settings;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Metering;

public static class MeteringHosting
{
    /// <summary>What the node measures of itself: read by its own collector, by <c>/metrics</c>, and sent by OTLP where that is asked for.</summary>
    public static IServiceCollection AddMetering(this IServiceCollection services, OtlpSettings otlp)
    {
        services
        // The server's meters are of the node's own factory.
        .AddSingleton(provider => new MeterReader(provider.GetRequiredService<IMeterFactory>()));
        return otlp.Endpoint is null ? services : services.AddHostedService<OtlpReport>();
    }
}
