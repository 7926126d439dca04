using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Hosting;
using Akka.Persistence;
using Akka.Remote.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.OnlineLearner.Domain;
using RalmActors.OnlineLearner.Hosting;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors;
using RalmActors.Trainer.Hosting;

namespace RalmActors.OnlineLearner.Actors.Tests.Actors;

/// <summary>One node with users and lineages on a disk that outlives it.</summary>
public sealed class LearningNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Waiting.Patience;
    private readonly TestHost _host;
    private bool _killed;

    private LearningNode(TestHost host, ChainTrainer.Probe trainer)
    {
        _host = host;
        Trainer = trainer;
    }

    public ActorSystem System => _host.System;

    public ChainTrainer.Probe Trainer { get; }

    /// <summary>Fast enough for a spec: nothing held longer than 20 ms, retries from 200 ms, waking every 300 ms.</summary>
    public static OnlineLearnerOptions Learner { get; } =
        new()
        {
            HoldFor = TimeSpan.FromMilliseconds(20),
            RetryAfter = TimeSpan.FromMilliseconds(200),
            WakeEvery = TimeSpan.FromMilliseconds(300),
            ShardCount = 5,
        };

    public static TrainerOptions Lineages { get; } =
        new()
        {
            ShardCount = 5,
            Lineage = new LineageOptions
            {
                MaxWait = TimeSpan.FromMilliseconds(50),
                BatchesInFlight = 2,
                ReopenAfter = TimeSpan.FromMilliseconds(50),
                TrainerSilence = TimeSpan.FromSeconds(1),
            },
        };

    public static async Task<LearningNode> Start(
        Disk disk,
        TrainerOptions? trainer = null,
        OnlineLearnerOptions? learner = null
    )
    {
        var probe = new ChainTrainer.Probe();
        var host = await TestHost.Start(
            "learning",
            akka =>
            {
                akka.AddHocon(
                        """
                        akka.cluster.sharding.state-store-mode = ddata
                        akka.coordinated-shutdown.run-by-actor-system-terminate = off
                        """,
                        HoconAddMode.Prepend
                    )
                    .WithRalmSerialization()
                    .WithRemoting("127.0.0.1", 0)
                    .WithClustering(new ClusterOptions { Roles = [Roles.Learner, Roles.Trainer] })
                    .WithActors(
                        (system, registry) =>
                        {
                            registry.Register<GpuTrainerKey>(
                                system.ActorOf(Props.Create(() => new ChainTrainer(disk, probe)), "trainer")
                            );
                            registry.Register<RegistryRegion>(
                                system.ActorOf(Props.Create(() => new AnyVersion(OnlineLearningSpecs.Base)), "versions")
                            );
                        }
                    )
                    .AddLineages(trainer ?? Lineages, TimeProvider.System)
                    .AddOnlineLearner(learner ?? Learner)
                    .AddStartup(
                        (system, _) =>
                        {
                            var cluster = Akka.Cluster.Cluster.Get(system);
                            cluster.Join(cluster.SelfAddress);
                        }
                    );
                disk.Configure(akka);
            }
        );
        return new LearningNode(host, probe);
    }

    public IActorRef Region<TKey>() => _host.Registry.Get<TKey>();

    /// <summary>Somebody else in a region's place, for those who ask from now on.</summary>
    public void Replace<TKey>(IActorRef other) => _host.Registry.Register<TKey>(other, overwrite: true);

    public Task<LineageReply> Lineage(string lineageId) =>
        Region<LineageRegion>().Ask<LineageReply>(new GetLineage { LineageId = lineageId }, Patience);

    public Task<UserReply> User(string userId) =>
        Region<UserRegion>().Ask<UserReply>(new GetUser { UserId = userId }, Patience);

    public Task<AudienceReply> Audience(string userId) =>
        Region<UserRegion>().Ask<AudienceReply>(new GetAudience { UserId = userId }, Patience);

    /// <summary>Events that an earlier release, or nobody sane, has left in an entity's journal.</summary>
    public async Task Plant(string persistenceId, params IEvent[] events)
    {
        var writer = System.ActorOf(Props.Create(() => new Planter(persistenceId)));
        foreach (var e in events)
        {
            await writer.Ask<IEvent>(e, Patience);
        }

        await writer.GracefulStop(Patience);
    }

    /// <summary>How many users are listed to be woken.</summary>
    public async Task<long> Listed()
    {
        var replies = await Task.WhenAll(
            PendingUsersState.BucketIds.Select(id =>
                Region<PendingUsersRegion>().Ask<PendingUsersReply>(new GetPendingUsers { BucketId = id }, Patience)
            )
        );
        return replies.Sum(r => r.Users);
    }

    public async Task Open(OpenLineage open) => await Accepted<LineageRegion>(open);

    /// <summary>As an endpoint does: the same command again until it is answered.</summary>
    public async Task Accepted<TRegion>(ICommand command)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var reply = await Region<TRegion>().Ask<CommandReply>(command, TimeSpan.FromSeconds(3));
                if (reply.Outcome is CommandOutcome.Accepted or CommandOutcome.Duplicate)
                {
                    return;
                }

                Xunit.Assert.True(reply.Outcome == CommandOutcome.Unavailable && attempt < 10, $"{command}: {reply}");
            }
            catch (AskTimeoutException) when (attempt < 10)
            {
                // Not known whether it was journaled.
            }
        }
    }

    /// <summary>All at once, without hand-off or leave: nothing that was under way is finished.</summary>
    public async Task Kill()
    {
        if (!_killed)
        {
            _killed = true;
            await _host.Kill();
        }
    }

    public async ValueTask DisposeAsync() => await Kill();

    private sealed class Planter : ReceivePersistentActor
    {
        public Planter(string persistenceId)
        {
            PersistenceId = persistenceId;
            Command<IEvent>(e => Persist(e, _ => Sender.Tell(e)));
        }

        public override string PersistenceId { get; }
    }
}
