using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Meters;
using RalmActors.Monitoring.Notifying;
using RalmActors.Monitoring.Probes;

namespace RalmActors.Monitoring.Hosting;

public static class MonitoringHosting
{
    /// <summary>
    /// Collectors, hosted by nodes with the monitor role, and on every node the probe that looks at it. Other parts of a
    /// process send their own <see cref="RecordMetrics"/> to the <see cref="CollectorRegion"/>, as source
    /// <c>app:{node}</c>.
    /// </summary>
    public static AkkaConfigurationBuilder AddMonitoring(
        this AkkaConfigurationBuilder akka,
        MonitoringOptions options,
        TimeProvider? clock = null
    )
    {
        var time = clock ?? TimeProvider.System;
        options = options.Checked();
        var meters = options.Meters ?? new MeterReader();
        Func<IProbe> probe = () => new NodeProbes(options.DataPath, time, new MeterProbe(meters));
        Func<IEnumerable<INotifyChannel>> channels = () => ChannelsOf(options);
        var collector = options.Collector with { Channels = [.. ChannelsOf(options).Select(c => c.Name)] };
        akka.WithActors(
            (system, registry) =>
                registry.Register<NotifierKey>(
                    system.ActorOf(Props.Create(() => new NotifierActor(channels)), "alert-notifier")
                )
        );
        akka.WithActors(
            (system, _) =>
            {
                system.ActorOf(
                    Props.Create(() => new ClusterGaugesActor(meters.NodeMeter, options.Interval)),
                    "cluster-gauges"
                );
                if (options.Meters is null)
                {
                    system.RegisterOnTermination(meters.Dispose);
                }
            }
        );
        // Remembered: a source that is silent calls nobody, and that is what its collector has to notice.
        akka.WithEntityRegion<CollectorRegion, ICollectorMessage>(
            RegionNames.Collector,
            new EntityRegionOptions(Roles.Monitor, options.ShardCount, RememberEntities: true),
            (_, registry, _) =>
                id => Props.Create(() => new CollectorActor(id, collector, time, OutboxSender.WayTo(registry)))
        );
        return !options.ProbeNode
            ? akka
            : akka.WithActors(
                (system, registry) =>
                    system.ActorOf(
                        Props.Create(() =>
                            new ProbeActor(options.SourceId, probe, registry.Get<CollectorRegion>(), options, time)
                        ),
                        "node-probe"
                    )
            );
    }

    private static INotifyChannel[] ChannelsOf(MonitoringOptions options) =>
        [
            .. options.Webhook.Url is null ? [] : (INotifyChannel[])[new WebhookSender(options.Webhook)],
            .. options.Channels.Select(make => make()),
        ];
}
