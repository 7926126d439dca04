using Akka.Actor;
using Prometheus;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Http;

/// <summary><c>ralm_unreadable_entities</c> in <c>/metrics</c>: how many entities of this node cannot be read.</summary>
internal static class UnreadableGauge
{
    private static readonly Gauge Entities = Metrics.CreateGauge(
        "ralm_unreadable_entities",
        "Entities of this node that cannot be read from the journal; GET /training/health/unreadable names them."
    );

    public static void CountUnreadable(this WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var system = app.Services.GetRequiredService<ActorSystem>();
            Metrics.DefaultRegistry.AddBeforeCollectCallback(() =>
            {
                if (!system.WhenTerminated.IsCompleted)
                {
                    Entities.Set(UnreadableEntities.Of(system).Count);
                }
            });
        });
}
