using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

/// <summary>
/// What the last look at the readiness checks said. Doors read it with every request, so it costs them a field read
/// instead of a database round trip.
/// </summary>
public sealed class Readiness(ILogger<Readiness> log) : IHealthCheckPublisher, IHealthCheck
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private volatile bool _isReady;

    public bool IsReady => _isReady;

    /// <summary>So that <c>/health/ready</c> never says yes before the doors have heard it.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(_isReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("doors are closed"));

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        // A champion that cannot be loaded is no reason to refuse commands.
        var isReady = report.Entries.All(e => e.Key == ChampionHealth.Name || e.Value.Status == HealthStatus.Healthy);
        if (isReady != _isReady)
        {
            var failing = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => e.Key);
            log.LogInformation("Ready: {IsReady}; failing: {Failing}", isReady, string.Join(", ", failing));
        }

        _isReady = isReady;
        return Task.CompletedTask;
    }
}
