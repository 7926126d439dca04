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
public sealed class ScorerActor : ReceiveActor, IWithTimers
{
    private readonly IReadOnlyActorRegistry _registry;
    private readonly ScorerOptions _options;
    private readonly IActorRef[] _workers;
    private readonly IActorRef _keeper;
    private readonly IActorRef _shadow;
    private readonly ModelLoader _loader;
    private readonly FollowedFamilies _families;
    private readonly FollowedLineages _lineages;
    private readonly NewExperiments _experiments;
    private readonly StoredProfiles _profiles;
    private readonly ShadowSample _sample = new();
    private ServingTable _table = ServingTable.Empty;
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
        _workers =
        [
            .. Enumerable
                .Range(0, options.Workers)
                .Select(k => Context.ActorOf(Props.Create(() => new ScorerWorkerActor(store, device)), $"worker-{k}")),
        ];
        _keeper = Context.ActorOf(
            Props.Create(() => new SeedCacheActor(store, device, options.Seeds, clock, registry, topics)),
            "seeds"
        );
        var keeper = _keeper;
        _shadow = Context.ActorOf(
            Props.Create(() => new ShadowActor(store, device, topics, keeper, options.ReportShadowsEvery)),
            "shadow"
        );
        _loader = new ModelLoader(
            _workers,
            _keeper,
            options,
            Timers,
            loaded: hash => Adopt(_table.Loaded(hash)),
            Fail,
            again: LoadMissing
        );
        _families = new FollowedFamilies(
            registry,
            options.FamilyWait,
            Timers,
            Self,
            release: first => RouteOnce(first, mayWait: false)
        );
        _lineages = new FollowedLineages(registry, _workers, Self);
        _experiments = new NewExperiments(
            registry,
            options.FamilyWait,
            Timers,
            Self,
            release: first => RouteOnce(first)
        );
        _profiles = new StoredProfiles(registry, Self);
        foreach (var topic in (string[])[Topics.Registry, Topics.Lineages, Topics.RunningExperiments])
        {
            topics.Tell(new Subscribe(topic, Self));
        }

        ReceiveRequests();
        ReceiveWhatServes();
        ReceiveFromLoaders();
        Receive<Tick>(tick => tick.Do());
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void ReceiveRequests()
    {
        Receive<Score>(m => Route(new PendingScore(m, why: null, Sender)));
        Receive<ExplainScore>(Explain);
        Receive<StoredProfiles.Known>(m =>
        {
            if (StoredProfiles.Complete(m) is { } first)
            {
                Continue(first);
            }
        });
        Receive<GetServed>(_ => Sender.Tell(new Served([.. _table.Served], _hasFamilies)));
    }

    private void ReceiveWhatServes()
    {
        Receive<RegistryReply>(m =>
        {
            Adopt(_table.With(m));
            _families.Settle(m);
        });
        Receive<LineageReply>(m => Adopt(_table.With(m)));
        Receive<PublishedWeights>(m => _lineages.Hear(m, _table.Lineages.GetValueOrDefault(m.LineageId)?.Checkpoint));
        Receive<RunningExperiment>(m =>
        {
            Adopt(_table.With(m));
            _experiments.LetIn(m.ExperimentId);
        });
        Receive<FamiliesFound>(_ => _hasFamilies = true);
        Receive<NotFoundReply>(m => m.Region == RegionNames.AbTest, m => _experiments.Refuse(m.EntityId));
        Receive<NotFoundReply>(m => m.Region == RegionNames.Registry, m => _families.Forget(m.EntityId));
        Receive<NotFoundReply>(_ => { });
    }

    private void ReceiveFromLoaders()
    {
        Receive<ScorerWorkerActor.Loaded>(_loader.Hear);
        Receive<ScorerWorkerActor.LoadFailed>(_loader.Hear);
        Receive<ScorerWorkerActor.AdoptFailed>(_lineages.Hear);
        Receive<SeedCacheActor.Ready>(_loader.Hear);
        Receive<SeedCacheActor.Forgotten>(m =>
        {
            _loader.SeeSeedsAgain();
            _sample.Restart();
            _shadow.Tell(m);
        });
        Receive<ShadowActor.Compared>(_ => _sample.Done());
    }

    protected override void PreStart() => Timers.Every(nameof(Ask), _options.AskEvery, Ask);

    private void Explain(ExplainScore m)
    {
        if (ScoreRules.Check(m) is { } rejection)
        {
            Sender.Tell(new ExplainReply { Rejection = rejection });
            return;
        }

        Route(new PendingScore(m.Score, m, Sender));
    }

    private void Route(PendingScore first)
    {
        if (!_profiles.Wait(first))
        {
            Continue(first);
        }
    }

    private void Continue(PendingScore first)
    {
        if (!_experiments.Wait(first, _table))
        {
            RouteOnce(first);
        }
    }

    private void RouteOnce(PendingScore first, bool mayWait = true)
    {
        var (request, why, from) = (first.Request, first.Why, first.From);
        var (route, rejection) = _table.Route(request);
        if (route is not null)
        {
            var shadow = why is null && _sample.Take(request, route.Reply) ? _shadow : null;
            var worker = _workers[_next++ % _workers.Length];
            var compute = new ScorerWorkerActor.Compute(request, route.Reply, shadow, Why: why);
            if (_loader.IsSeeded(route.Reply.ArtifactHash))
            {
                _keeper.Tell(new SeedCacheActor.Prepare(compute, worker), from);
            }
            else
            {
                worker.Tell(compute, from);
            }

            return;
        }

        if (rejection!.Code == RejectionCode.Invalid || !mayWait || !_families.Wait(first))
        {
            first.Refuse(rejection);
        }
    }

    private void Adopt(ServingTable table)
    {
        if (ReferenceEquals(table, _table))
        {
            return;
        }

        var lineages = table.LineagesServed.Except(_table.LineagesServed).ToArray();
        _table = table;
        AskForLineages(lineages);
        _lineages.Follow(table.LineagesServed);
        _families.Follow(table.Tests.Values.Select(t => t.Test.Family));
        if (_sample.Follow(table.Shadows))
        {
            _shadow.Tell(new ShadowActor.AdoptShadows(_sample.Places));
        }

        LoadMissing();
        _loader.UnloadAllBut(_table.Needed);
        _families.LetIn(_table);
    }

    private void LoadMissing()
    {
        foreach (var artifact in _table.Missing.ToArray())
        {
            if (_loader.Load(artifact))
            {
                _table = _table.Loaded(artifact.Hash);
            }
        }
    }

    private void Fail(string hash)
    {
        if (!_table.Unloadable.Contains(hash))
        {
            Adopt(_table.Failed(hash));
        }
    }

    private void Ask()
    {
        _families.AskAgain();
        AskForLineages(_table.LineagesServed);
        _lineages.AskAgain();
        LoadMissing();
    }

    private void AskForLineages(IEnumerable<string> lineages)
    {
        foreach (var lineage in lineages)
        {
            _registry.Get<LineageRegion>().Tell(new GetLineage { LineageId = lineage });
        }
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
