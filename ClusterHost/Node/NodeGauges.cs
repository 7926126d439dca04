using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Cluster;
using RalmActors.ClusterHost.Health;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Meters;

namespace RalmActors.ClusterHost.Node;

/// <summary>What the host knows of its node and process, told when somebody reads the meter.</summary>
public sealed class NodeGauges(
    MeterReader meters,
    Readiness readiness,
    BeatState beat,
    RalmSettings settings,
    SqlDatabase database,
    ActorSystem system,
    TimeProvider clock
) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.NodeMeter;
        RalmMetrics.Health.Observe(
            meter,
            () => readiness.Checks.Select(c => RalmMetrics.Health.Of(c.Key, ValueOf(c.Value.Status)))
        );
        RalmMetrics.ClockSkew.Observe(meter, () => beat.ClockSkew is { } apart ? [new(apart)] : []);
        if (settings.Tls.Enabled)
        {
            var ends = NodeCertificate.Load(settings.Tls).Own.NotAfter.ToUniversalTime();
            RalmMetrics.CertificateLeft.Observe(meter, () => (ends - clock.GetUtcNow().UtcDateTime).TotalSeconds);
        }

        if (database.SqliteFile is not null)
        {
            RalmMetrics.WriterQueue.Observe(meter, () => SqliteWriters.Of(system).Writer.Waiting);
        }

        RalmMetrics.Threads.Observe(meter, () => OfProcess(p => p.Threads.Count));
        RalmMetrics.Handles.Observe(meter, () => OfProcess(p => p.HandleCount));
        RalmMetrics.Uptime.Observe(
            meter,
            () => OfProcess(p => (clock.GetUtcNow().UtcDateTime - p.StartTime.ToUniversalTime()).TotalSeconds)
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static double ValueOf(HealthStatus status) =>
        status switch
        {
            HealthStatus.Healthy => 1,
            HealthStatus.Degraded => 0.5,
            _ => 0,
        };

    private static double OfProcess(Func<Process, double> value)
    {
        using var process = Process.GetCurrentProcess();
        return value(process);
    }
}
