using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Persistence.Hosting;
using Akka.Remote.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Hosting;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Monitoring.Tests.Hosting;

/// <summary>One real node: cluster, region, probe, everything over our serializer.</summary>
public sealed class MonitoringHostingSpecs : Akka.Hosting.TestKit.TestKit
{
    private static readonly TimeSpan Patience = Waiting.Patience;

    private static readonly MonitoringOptions Options = new()
    {
        NodeName = "here",
        Interval = TimeSpan.FromSeconds(1),
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider) =>
        builder
            .AddHocon(
                """
                akka.cluster.sharding { state-store-mode = ddata, remember-entities-store = eventsourced }
                """,
                HoconAddMode.Prepend
            )
            .WithRalmSerialization()
            .WithInMemoryJournal()
            .WithInMemorySnapshotStore()
            .WithRemoting("127.0.0.1", 0)
            .WithClustering(new ClusterOptions { Roles = [Roles.Monitor] })
            .AddStartup(
                (system, _) =>
                {
                    var cluster = Akka.Cluster.Cluster.Get(system);
                    cluster.Join(cluster.SelfAddress);
                }
            )
            .AddMonitoring(Options);

    [Fact]
    public async Task A_node_watches_itself_and_any_part_of_it_can_add_its_own_metrics()
    {
        var collectors = ActorRegistry.Get<CollectorRegion>();
        AlertsReply? alerts = null;
        await AwaitConditionAsync(
            async () =>
            {
                var answer = await collectors.AskFor<AlertsReply>(new GetAlerts { SourceId = "node:here" }, Patience);
                alerts = (answer as Answer<AlertsReply>.Given)?.Reply;
                return alerts is not null
                    && alerts.Latest.Any(p => p.Name == "process_cpu_percent")
                    && alerts.Rules.Count > 0;
            },
            Patience
        );

        Assert.Equal(NodeRules.Default, alerts!.Rules);
        var sampling = Given.Sampling("a-1", Given.T0, ("samples_accepted", 5));
        sampling.SourceId = "app:here";
        Assert.Equal(CommandOutcome.Accepted, (await collectors.Ask<CommandReply>(sampling, Patience)).Outcome);
        var series = new GetSeries { SourceId = "app:here", Metric = "samples_accepted" };
        Assert.Equal([5.0], (await collectors.Ask<SeriesReply>(series, Patience)).Values);
        var health = await collectors.Ask<HealthReply>(new GetHealth { SourceId = "node:unheard-of" }, Patience);
        Assert.Equal(HealthStatus.Stale, health.Status);
    }
}
