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

    /// <summary>Counted when it is asked for.</summary>
    public static void CountUnreadable(this WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal))
                {
                    var system = context.RequestServices.GetRequiredService<ActorSystem>();
                    Entities.Set(UnreadableEntities.Of(system).Count);
                }

                return next(context);
            }
        );
}
