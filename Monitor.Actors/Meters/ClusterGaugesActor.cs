using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Telemetry;

namespace RalmActors.Monitoring.Meters;

/// <summary>
/// Counts what the actor system of a node does with messages, members and shards. Shards are asked for from time to time; the rest is
/// looked at when somebody reads the meter.
/// </summary>
public sealed class ClusterGaugesActor : ReceiveActor, IWithTimers
{
    private readonly ConcurrentDictionary<string, (int Shards, int Entities)> _regions = new(StringComparer.Ordinal);
    private readonly ActorSystem _system = Context.System;
    private readonly TimeSpan _lookEvery;
    private long _deadLetters;

    /// <param name="lookEvery">Between two questions for the shards.</param>
    public ClusterGaugesActor(Meter meter, TimeSpan lookEvery)
    {
        _lookEvery = lookEvery;
        Receive<Tick>(tick => tick.Do());
        // Of Akka's own making: they mean nothing.
        Receive<SuppressedDeadLetter>(_ => { });
        Receive<AllDeadLetters>(_ => Interlocked.Increment(ref _deadLetters));
        Receive<Told>(told => _regions[told.Region] = (told.Stats.Stats.Count, told.Stats.Stats.Values.Sum()));
        Receive<Status.Failure>(_ => { });
        Observe(meter);
    }

    private sealed record Told(string Region, ShardRegionStats Stats);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _system.EventStream.Subscribe(Self, typeof(AllDeadLetters));
        Timers.Every(nameof(AskRegions), _lookEvery, AskRegions, first: TimeSpan.Zero);
    }

    protected override void PostStop() => _system.EventStream.Unsubscribe(Self);

    private void AskRegions()
    {
        foreach (var name in ClusterSharding.Get(_system).ShardTypeNames)
        {
            _ = RegionOf(name)
                .Ask<ShardRegionStats>(GetShardRegionStats.Instance, _lookEvery)
                .PipeTo(Self, success: stats => new Told(name, stats));
        }
    }

    private IActorRef RegionOf(string name) => ClusterSharding.Get(_system).ShardRegion(name);

    private void Observe(Meter meter)
    {
        RalmMetrics.DeadLetters.Observe(meter, () => Interlocked.Read(ref _deadLetters));
        RalmMetrics.UnreadableEntities.Observe(meter, () => UnreadableEntities.Of(_system).Count);
        RalmMetrics.Unreachable.Observe(meter, () => Cluster.Get(_system).State.Unreachable.Count);
        RalmMetrics.Members.Observe(
            meter,
            () =>
                Cluster
                    .Get(_system)
                    .State.Members.GroupBy(m => m.Status)
                    .Select(g => RalmMetrics.Members.Of($"{g.Key}".ToLowerInvariant(), g.Count()))
        );
        RalmMetrics.Shards.Observe(meter, () => _regions.Select(r => RalmMetrics.Shards.Of(r.Key, r.Value.Shards)));
        RalmMetrics.Entities.Observe(
            meter,
            () => _regions.Select(r => RalmMetrics.Entities.Of(r.Key, r.Value.Entities))
        );
        RalmMetrics.Mailbox.Observe(
            meter,
            () => _regions.Keys.Select(name => RalmMetrics.Mailbox.Of(name, WaitingFor(RegionOf(name))))
        );
    }

    private static int WaitingFor(IActorRef region) =>
        region is ActorRefWithCell cell ? cell.Underlying.NumberOfMessages : 0;
}
