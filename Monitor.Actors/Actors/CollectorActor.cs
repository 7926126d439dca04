using System.Collections.Immutable;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain;

namespace RalmActors.Monitoring.Actors;

/// <summary>The shell of a collector: tells of alerts once they are in the journal.</summary>
public sealed class CollectorActor(string sourceId, EntityOptions options, TimeProvider clock)
    : EntityActor<CollectorState>(RegionNames.Collector, sourceId, options, clock)
{
    protected override void OnReady()
    {
        foreach (var alert in State.Alerts.Values.Where(a => a.Status == AlertStatus.Firing))
        {
            Notify(alert);
        }
    }

    protected override void OnChanged(CollectorState before, ImmutableArray<IEvent> events)
    {
        foreach (var changed in events.OfType<AlertChanged>())
        {
            if (changed.Alert.Status is AlertStatus.Firing or AlertStatus.Resolved)
            {
                Notify(changed.Alert);
            }
        }
    }

    private void Notify(Alert alert)
    {
        if (alert.Silenced)
        {
            return;
        }

        if (alert.Status == AlertStatus.Firing && alert.Severity >= Severity.Warning)
        {
            Log.Warning("{0}: alert {1} {2} at {3}", EntityId, alert.RuleId, alert.Status, alert.Value);
        }
        else
        {
            Log.Info("{0}: alert {1} {2} at {3}", EntityId, alert.RuleId, alert.Status, alert.Value);
        }

        Context.System.EventStream.Publish(new AlertNotification(EntityId, alert));
    }
}
