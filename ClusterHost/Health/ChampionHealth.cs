using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Scorer.Actors;

namespace RalmActors.ClusterHost.Health;

/// <summary>
/// Whether this node's scorer serves the champions. Degraded: an earlier one stands in for one that does not load.
/// Unhealthy: a family has a champion, and nothing can serve it; or the node has just started and has not tried each yet.
/// </summary>
public sealed class ChampionHealth(IReadOnlyActorRegistry registry, RalmSettings settings) : IHealthCheck
{
    public const string Name = "champion";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile bool _hasTriedEach;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (!settings.Node.Roles.Contains(Roles.Scorer, StringComparer.Ordinal))
        {
            return HealthCheckResult.Healthy();
        }

        if (!registry.TryGet<ScorerKey>(out var scorer))
        {
            return HealthCheckResult.Unhealthy("the scorer has not started");
        }

        try
        {
            var served = await scorer.Ask<ScorerActor.Served>(
                ScorerActor.GetServed.Instance,
                Patience,
                cancellationToken
            );
            // A champion that is chosen later loads while the node serves the others.
            _hasTriedEach |= served.AreAll && served.Families.All(f => f.IsUnloadable || f.ServedVersionId is not null);
            return _hasTriedEach ? Of(served) : HealthCheckResult.Unhealthy("the champions have not been loaded yet");
        }
        catch (AskTimeoutException)
        {
            return HealthCheckResult.Degraded("the scorer is busy and has not said what it serves");
        }
    }

    private static HealthCheckResult Of(ScorerActor.Served served)
    {
        var failing = served.Families.Where(f => f.IsUnloadable).ToArray();
        var words = string.Join(
            "; ",
            failing.Select(f =>
                f.ServedVersionId is { } other
                    ? $"{f.Family}: {other} serves in place of {f.ChampionVersionId}, which cannot be loaded"
                    : $"{f.Family}: {f.ChampionVersionId} cannot be loaded, and nothing serves in its place"
            )
        );
        return failing.Length == 0 ? HealthCheckResult.Healthy()
            : Array.Exists(failing, f => f.ServedVersionId is null) ? HealthCheckResult.Unhealthy(words)
            : HealthCheckResult.Degraded(words);
    }
}
