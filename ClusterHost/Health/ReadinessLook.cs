using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RalmActors.ClusterHost.Health;

/// <summary>
/// Asks the readiness checks again and again, one look after the other: looks that overlap could tell old news last.
/// </summary>
public sealed class ReadinessLook(HealthCheckService checks, Readiness readiness) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            patience.CancelAfter(Patience);
            try
            {
                readiness.Take(
                    await checks
                        .CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), patience.Token)
                        .WaitAsync(Patience, stoppingToken)
                );
            }
            catch (Exception e)
                when (e is TimeoutException or OperationCanceledException && !stoppingToken.IsCancellationRequested)
            {
                // A check that hangs: readiness notices that the news get old.
            }

            await Task.Delay(Period, stoppingToken);
        }
    }
}
