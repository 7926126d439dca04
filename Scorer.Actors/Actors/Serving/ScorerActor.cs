using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

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
    private readonly ScorerOptions _options;
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private bool _hasFamilies;
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
        _options = options;
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
            Props.Create(() => new SeedCacheActor(store, device, options.Seeds, clock, registry, topics)),
            "seeds"
        );
        var keeper = _keeper;
        _shadow = Context.ActorOf(
            Props.Create(() => new ShadowActor(store, device, topics, keeper, options.ReportShadowsEvery)),
            "shadow"
        );
        foreach (var topic in (string[])[Topics.Registry, Topics.Lineages, Topics.RunningExperiments])
        {
            topics.Tell(new Subscribe(topic, Self));
        }

        Receive<Score>(m => Route(m, why: null, Sender));
        Receive<ExplainScore>(Explain);
        Receive<ProfileKnown>(Profiled);
        Receive<RegistryReply>(m =>
        {
            Adopt(_table.With(m));
            Settle(m);
        });
        Receive<LineageReply>(m => Adopt(_table.With(m)));
        Receive<RunningExperiment>(m =>
        {
            Adopt(_table.With(m));
            LetIn(m.ExperimentId);
        });
        Receive<ScorerWorkerActor.Loaded>(m => Loaded(m.Artifact, good: true, m.Seeded));
        Receive<ScorerWorkerActor.LoadFailed>(m => Loaded(m.Artifact, good: false, seeded: false));
        Receive<SeedCacheActor.Ready>(m => Continue(m.Hash, _loads.Finish(m.Hash, m.Good)));
        Receive<SeedCacheActor.Forgotten>(m =>
        {
            foreach (var artifact in _loads.Seeded)
            {
                _keeper.Tell(new SeedCacheActor.Load(artifact));
            }

            _sample.Restart();
            _shadow.Tell(m);
        });
        Receive<ShadowActor.Compared>(_ => _sample.Done());
        Receive<Tick>(tick => tick.Do());
        Receive<FamiliesFound>(_ => _hasFamilies = true);
        Receive<GetServed>(_ => Sender.Tell(new Served([.. _table.Served], _hasFamilies)));
        Receive<NotFoundReply>(Refuse);
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.Every(nameof(Ask), _askEvery, Ask);

    private void Explain(ExplainScore m)
    {
        if (ScoreRules.Check(m) is { } rejection)
        {
            Sender.Tell(new ExplainReply { Rejection = rejection });
            return;
        }

        Route(m.Score, m, Sender);
    }

    private void Route(Score request, ExplainScore? why, IActorRef from)
    {
        var first = new FirstRequest(request, why, from);
        if (!WaitsForProfile(first))
        {
            Continue(first);
        }
    }

    private void Continue(FirstRequest first)
    {
        if (!WaitsForExperiment(first))
        {
            RouteOnce(first);
        }
    }

    private void RouteOnce(FirstRequest first, bool mayWait = true)
    {
        var (request, why, from) = (first.Request, first.Why, first.From);
        var (route, rejection) = _table.Route(request);
        if (route is not null)
        {
            var shadow = why is null && _sample.Take(request, route.Reply) ? _shadow : null;
            var worker = _workers[_next++ % _workers.Length];
            var compute = new ScorerWorkerActor.Compute(request, route.Reply, shadow, Why: why);
            if (_loads.IsSeeded(route.Reply.ArtifactHash))
            {
                _keeper.Tell(new SeedCacheActor.Prepare(compute, worker), from);
            }
            else
            {
                worker.Tell(compute, from);
            }

            return;
        }

        if (rejection!.Code == RejectionCode.Invalid || !mayWait || !Waits(first))
        {
            Refuse(first, rejection);
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
            _shadow.Tell(new ShadowActor.AdoptShadows(_sample.Places));
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
            else if (!_paused.Contains(artifact.Hash) && _loads.Start(artifact.Hash))
            {
                Timers.After(TooSlow(artifact.Hash), _options.LoadWithin, () => Fail(artifact.Hash));
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
            _keeper.Tell(new SeedCacheActor.Load(artifact));
        }

        Continue(artifact.Hash, step);
    }

    private void Continue(string hash, LoadStep step)
    {
        switch (step)
        {
            case LoadStep.Loaded:
                Timers.Cancel(TooSlow(hash));
                _failures.Remove(hash);
                Adopt(_table.Loaded(hash));
                break;
            case LoadStep.Failed:
                Timers.Cancel(TooSlow(hash));
                PauseLoading(hash);
                Fail(hash);
                break;
        }
    }

    /// <summary>Another may stand in for it meanwhile.</summary>
    private void Fail(string hash)
    {
        if (!_table.Unloadable.Contains(hash))
        {
            Adopt(_table.Failed(hash));
        }
    }

    /// <summary>Its file may come back: it is looked for again and again, with growing pauses.</summary>
    private void PauseLoading(string hash)
    {
        var failures = _failures[hash] = _failures.GetValueOrDefault(hash) + 1;
        _paused.Add(hash);
        Timers.After(
            $"again {hash}",
            Backoff.After(_options.LoadAgainAfter, failures, _options.MaxLoadAgainAfter),
            () =>
            {
                _paused.Remove(hash);
                LoadMissing();
            }
        );
    }

    private static string TooSlow(string hash) => $"slow {hash}";

    private void UnloadUnneeded()
    {
        foreach (var (hash, seeded) in _loads.LetGo(_table.Needed))
        {
            if (seeded)
            {
                _keeper.Tell(new SeedCacheActor.Unload(hash));
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

    /// <summary>Asks a node's own scorer what it serves; answered by <see cref="Served"/>.</summary>
    public sealed class GetServed : INoSerializationVerificationNeeded
    {
        public static readonly GetServed Instance = new();
    }

    /// <param name="AreAll">False: the node has just started, and there may be families it has yet to hear of.</param>
    public sealed record Served(ImmutableArray<ServedFamily> Families, bool AreAll)
        : INoSerializationVerificationNeeded;

    /// <summary>What the scorer has been told of is every family there is.</summary>
    internal sealed class FamiliesFound : INoSerializationVerificationNeeded
    {
        public static readonly FamiliesFound Instance = new();
    }
}
