using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Akka.Remote;
using Akka.Remote.Hosting;
using Akka.Remote.Transport;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using RalmActors.Trainer.Hosting;

namespace RalmActors.Cluster.Specs.Support;

/// <summary>What sets one node of a spec apart.</summary>
public sealed record NodeOptions
{
    public required PersistenceSettings Database { get; init; }

    /// <summary>Every area, with these settings; otherwise the registry alone.</summary>
    public RalmSettings? Whole { get; init; }

    /// <summary>Lets the spec cut this node's connections.</summary>
    public bool CanBeCut { get; init; }
}

/// <summary>A node of a cluster, in the test's own process, that hosts the registry region or all of them.</summary>
public sealed class Node : IAsyncDisposable
{
    /// <summary>The host's own configuration, in less patient.</summary>
    private const string Impatient = """
        akka {
          cluster {
            down-removal-margin = 1s
            split-brain-resolver.stable-after = 3s
            failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = 3s }
            sharding.rebalance-interval = 2s
            sharding.least-shard-allocation-strategy.rebalance-relative-limit = 0.5
          }
        }
        """;

    private readonly TestHost _host;

    private Node(TestHost host) => _host = host;

    public ActorSystem System => _host.System;

    public IActorRef Registry => _host.Registry.Get<RegistryRegion>();

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    public Address Address => Cluster.SelfAddress;

    /// <summary>Starts a node; without a seed it is the first of its cluster. It is not waited for until it is up.</summary>
    public static async Task<Node> Start(NodeOptions options, Node? seed = null)
    {
        var node = new Node(await TestHost.Start("ralm", akka => Configure(akka, options)));
        node.Cluster.Join((seed ?? node).Address);
        return node;
    }

    public static async Task<Node> StartUp(NodeOptions options, Node? seed = null)
    {
        var node = await Start(options, seed);
        using var patience = new CancellationTokenSource(Waiting.Patience);
        await node.Cluster.JoinAsync((seed ?? node).Address, patience.Token);
        return node;
    }

    /// <summary>Leaves as on SIGTERM: hands its entities over first.</summary>
    public Task Leave() => _host.Stop();

    /// <summary>From now on nothing passes between this node and the others, and nobody is told.</summary>
    public async Task CutFrom(params Node[] others)
    {
        var transport = ((IRemoteActorRefProvider)((ExtendedActorSystem)System).Provider).Transport;
        foreach (var other in others)
        {
            var cut = new SetThrottle(other.Address, ThrottleTransportAdapter.Direction.Both, Blackhole.Instance);
            if (!await transport.ManagementCommand(cut))
            {
                throw new InvalidOperationException($"{Address} cannot be cut from {other.Address}");
            }
        }
    }

    public async Task<int> LivingEntities()
    {
        var state = await Registry.Ask<CurrentShardRegionState>(GetShardRegionState.Instance, Waiting.Patience);
        return state.Shards.Sum(s => s.EntityIds.Count);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static void Configure(AkkaConfigurationBuilder akka, NodeOptions options)
    {
        string[] roles = [.. options.Whole is null ? [Roles.Trainer] : Roles.All, NodeHosting.Voter];
        var database = SqlDatabase.Of(options.Database);
        akka.AddHoconFiles(roles, options.Database)
            .WithRalmSerialization()
            .AddSqlPersistence(database)
            .WithRemoting(new RemoteOptions { HostName = "127.0.0.1", Port = 0 })
            .WithClustering(new ClusterOptions { Roles = roles })
            .WithUnreadableEntities()
            .WithDistributedPubSub("")
            .AddHocon(Impatient, HoconAddMode.Prepend);
        if (options.Whole is { } settings)
        {
            // Nobody is lost here, however busy the machine is.
            akka.AddFeatures(settings, database)
                .AddHocon("akka.cluster.failure-detector.acceptable-heartbeat-pause = 60s", HoconAddMode.Prepend);
        }
        else
        {
            akka.AddRegistry(
                // The ledger's versions have no files.
                new TrainerOptions { ShardCount = 20, ArtifactCheck = (_, _) => Task.FromResult<Rejection?>(null) },
                TimeProvider.System
            );
        }

        if (options.CanBeCut)
        {
            akka.AddHocon("akka.remote.dot-netty.tcp.applied-adapters = [\"trttl\"]", HoconAddMode.Prepend);
        }
    }
}
