using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Akka.Remote.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>Shelves as they live in production: in a shard region, here of a cluster of one.</summary>
public abstract class RegionTestKit(TimeSpan? idleAfter) : ShelfTestKit
{
    protected IActorRef Region => ActorRegistry.Get<RegistryRegion>();

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        base.ConfigureAkka(builder, provider);
        builder
            .WithRemoting(new RemoteOptions { HostName = "127.0.0.1", Port = 0 })
            .WithClustering(new ClusterOptions { Roles = ["test"] })
            .AddHocon(
                "akka.cluster.sharding { state-store-mode = ddata, distributed-data.durable.keys = [] }",
                HoconAddMode.Prepend
            )
            .WithEntityRegion<RegistryRegion, IRegistryMessage>(
                "shelf",
                new EntityRegionOptions("test", ShardCount: 4) { IdleAfter = idleAfter },
                (_, _, _) => ShelfOf
            )
            .AddStartup((system, _) => Join(system));
    }

    protected virtual Props ShelfOf(string family) => ShelfActor.Props(family);

    /// <summary>What every sender does: repeat the same command until it is known to be in the journal.</summary>
    protected async Task<CommandOutcome> RetryUntilDone(ICommand command)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var outcome = await Try(command, deadline.Token);
            if (outcome is CommandOutcome.Accepted or CommandOutcome.Duplicate)
            {
                return outcome.Value;
            }

            Assert.True(outcome is null or CommandOutcome.Unavailable, $"{command}: {outcome}");
        }
    }

    /// <summary>The outcome, or <c>null</c> for silence.</summary>
    protected async Task<CommandOutcome?> Try(ICommand command, CancellationToken cancel = default)
    {
        try
        {
            return (await Region.Ask<CommandReply>(command, TimeSpan.FromMilliseconds(500), cancel)).Outcome;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    protected async Task<int> LivingEntities() =>
        (await Region.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Patience)).Shards.Sum(s =>
            s.EntityIds.Count
        );

    private static void Join(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(cluster.SelfAddress);
    }
}
