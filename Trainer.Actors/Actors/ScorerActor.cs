using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Serving;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The scorer of a node: knows what serves, loads it, and sends each request to a worker. A model serves when every worker
/// has it; until then the one before does, and where there is none, requests wait a little.
/// </summary>
public sealed partial class ScorerActor : ReceiveActor, IWithTimers
{
    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef[] _workers;
    private readonly IActorRef _shadow;
    private readonly TimeSpan _askEvery;
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly IActorRef _keeper;
    private readonly ArtifactLoads _loads;
    private ServingTable _table = ServingTable.Empty;
    private readonly ShadowSample _sample = new();
    private int _next;

    /// <param name="registry">Has the regions of <see cref="RegistryRegion"/> and <see cref="LineageRegion"/>.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    public ScorerActor(
        ArtifactStore store,
        ScorerOptions options,
        string device,
        TimeProvider clock,
        IReadOnlyActorRegistry registry,
        IActorRef topics
    )
    {
        _registry = registry;
        _askEvery = options.AskEvery;
        _familyWait = options.FamilyWait;
        _workers =
        [
            .. Enumerable
                .Range(0, options.Workers)
                .Select(k => Context.ActorOf(Props.Create(() => new ScorerWorkerActor(store, device)), $"worker-{k}")),
        ];
        _loads = new ArtifactLoads(options.Workers);
        _keeper = Context.ActorOf(
            Props.Create(() => new SeedKeeperActor(store, device, options.Seeds, clock, registry, topics)),
            "seeds"
        );
        var keeper = _keeper;
        _shadow = Context.ActorOf(
            Props.Create(() => new ShadowActor(store, device, topics, keeper, options.ReportShadowsEvery)),
            "shadow"
        );
        foreach (var topic in (string[])[Topics.Registry, Topics.Lineages, Topics.RunningTests])
        {
            topics.Tell(new Subscribe(topic, Self));
        }

        Receive<Score>(m => Route(m, why: null, Sender));
        Receive<ExplainScore>(Explain);
        Receive<RegistryReply>(m =>
        {
            Adopt(_table.With(m));
            Settle(m);
        });
        Receive<LineageReply>(m => Adopt(_table.With(m)));
        Receive<RunningTest>(m => Adopt(_table.With(m)));
        Receive<ScorerWorkerActor.Loaded>(m => Loaded(m.Artifact, good: true, m.Seeded));
        Receive<ScorerWorkerActor.LoadFailed>(m => Loaded(m.Artifact, good: false, seeded: false));
        Receive<SeedKeeperActor.Ready>(m => Continue(m.Hash, _loads.Finish(m.Hash, m.Good)));
        Receive<SeedKeeperActor.Forgotten>(m =>
        {
            foreach (var artifact in _loads.Seeded)
            {
                _keeper.Tell(new SeedKeeperActor.Load(artifact));
            }

            _sample.Restart();
            _shadow.Tell(m);
        });
        Receive<ShadowActor.Compared>(_ => _sample.Done());
        Receive<AskAgain>(_ => Ask());
        Receive<NotFoundReply>(Refuse);
        Receive<WaitedEnough>(GiveUp);
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, _askEvery);

    private void Explain(ExplainScore m)
    {
        if (ScoreRules.Check(m) is { } rejection)
        {
            Sender.Tell(new ExplainReply { Rejection = rejection });
            return;
        }

        Route(m.Score, m, Sender);
    }

    private void Route(Score request, ExplainScore? why, IActorRef from, bool mayWait = true)
    {
        var (route, rejection) = _table.Route(request);
        if (route is not null)
        {
            var shadow = why is null && _sample.Take(request, route.Reply) ? _shadow : null;
            var worker = _workers[_next++ % _workers.Length];
            var compute = new ScorerWorkerActor.Compute(request, route.Reply, shadow, Why: why);
            if (_loads.IsSeeded(route.Reply.ArtifactHash))
            {
                _keeper.Tell(new SeedKeeperActor.Prepare(compute, worker), from);
            }
            else
            {
                worker.Tell(compute, from);
            }

            return;
        }

        if (rejection!.Code == RejectionCode.Invalid || !mayWait || !Waits(new FirstRequest(request, why, from)))
        {
            from.Tell(
                why is null
                    ? new ScoreReply { RequestId = request.RequestId, Rejection = rejection }
                    : new ExplainReply { Rejection = rejection }
            );
        }
    }

    private void Adopt(ServingTable table)
    {
        if (ReferenceEquals(table, _table))
        {
            return;
        }

        var lineages = table.LineagesServed.Except(_table.LineagesServed).ToArray();
        var families = table.Tests.Values.Select(t => t.Test.Family).Where(_families.Add).ToArray();
        _table = table;
        foreach (var lineage in lineages)
        {
            _registry.Get<LineageRegion>().Tell(new GetLineage { LineageId = lineage });
        }

        foreach (var family in families)
        {
            _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = family });
        }

        if (_sample.Follow(table.Shadows))
        {
            _shadow.Tell(new ShadowActor.Follow(_sample.Places));
        }

        LoadMissing();
        UnloadUnneeded();
        LetIn();
    }

    private void LoadMissing()
    {
        foreach (var artifact in _table.Missing.ToArray())
        {
            if (_loads.IsLoaded(artifact.Hash))
            {
                _table = _table.Loaded(artifact.Hash);
            }
            else if (_loads.Start(artifact.Hash))
            {
                foreach (var worker in _workers)
                {
                    worker.Tell(new ScorerWorkerActor.Load(artifact));
                }
            }
        }
    }

    private void Loaded(ArtifactRef artifact, bool good, bool seeded)
    {
        var step = _loads.Answered(artifact, good, seeded);
        if (step == LoadStep.SeeSeeds)
        {
            _keeper.Tell(new SeedKeeperActor.Load(artifact));
        }

        Continue(artifact.Hash, step);
    }

    private void Continue(string hash, LoadStep step)
    {
        if (step == LoadStep.Loaded)
        {
            Adopt(_table.Loaded(hash));
        }
    }

    private void UnloadUnneeded()
    {
        foreach (var (hash, seeded) in _loads.LetGo(_table.Needed))
        {
            if (seeded)
            {
                _keeper.Tell(new SeedKeeperActor.Unload(hash));
            }

            foreach (var worker in _workers)
            {
                worker.Tell(new ScorerWorkerActor.Unload(hash));
            }
        }
    }

    private void Ask()
    {
        foreach (var family in _families)
        {
            _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = family });
        }

        foreach (var lineage in _table.LineagesServed)
        {
            _registry.Get<LineageRegion>().Tell(new GetLineage { LineageId = lineage });
        }

        LoadMissing();
    }

    private sealed class AskAgain : INoSerializationVerificationNeeded
    {
        public static readonly AskAgain Instance = new();
    }
}
