using System.Collections.Immutable;
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
/// has it; until then the one before does.
/// </summary>
public sealed class ScorerActor : ReceiveActor, IWithTimers
{
    /// <summary>Requests that may wait to be scored in shadow; the next ones are not: a sample is enough.</summary>
    private const int MostShadowed = 8;

    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef[] _workers;
    private readonly IActorRef _shadow;
    private readonly TimeSpan _askEvery;
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Loaded, int Answered)> _loading = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ArtifactRef> _seeded = new(StringComparer.Ordinal);
    private readonly Func<IActorRef> _newKeeper;
    private IActorRef? _keeper;
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);
    private ServingTable _table = ServingTable.Empty;
    private ImmutableArray<ShadowPlace> _shadows = [];
    private int _shadowed;
    private int _next;

    /// <param name="registry">Has the regions of <see cref="RegistryRegion"/> and <see cref="LineageRegion"/>.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    public ScorerActor(
        ArtifactStore store,
        ScorerOptions options,
        string device,
        IReadOnlyActorRegistry registry,
        IActorRef topics
    )
    {
        _registry = registry;
        _askEvery = options.AskEvery;
        _workers =
        [
            .. Enumerable
                .Range(0, options.Workers)
                .Select(k => Context.ActorOf(Props.Create(() => new ScorerWorkerActor(store, device)), $"worker-{k}")),
        ];
        _shadow = Context.ActorOf(
            Props.Create(() => new ShadowActor(store, device, topics, options.ReportShadowsEvery)),
            "shadow"
        );
        _newKeeper = () =>
            Context.ActorOf(
                Props.Create(() => new SeedKeeperActor(store, device, options.Seeds, registry, topics)),
                "seeds"
            );
        foreach (var topic in (string[])[Topics.Registry, Topics.Lineages, Topics.RunningTests])
        {
            topics.Tell(new Subscribe(topic, Self));
        }

        Receive<Score>(m => Route(m));
        Receive<ExplainScore>(Explain);
        Receive<RegistryReply>(m => Adopt(_table.With(m)));
        Receive<LineageReply>(m => Adopt(_table.With(m)));
        Receive<RunningTest>(m => Adopt(_table.With(m)));
        Receive<ScorerWorkerActor.Loaded>(m =>
        {
            if (m.Seeded)
            {
                _seeded[m.Artifact.Hash] = m.Artifact;
            }

            Loaded(m.Artifact.Hash, good: true);
        });
        Receive<SeedKeeperActor.Forgotten>(_ =>
        {
            foreach (var artifact in _seeded.Values)
            {
                Sender.Tell(new SeedKeeperActor.Load(artifact));
            }
        });
        Receive<SeedKeeperActor.Ready>(m => LoadedEverywhere(m.Hash, m.Good));
        Receive<ScorerWorkerActor.LoadFailed>(m => Loaded(m.Hash, good: false));
        Receive<ShadowActor.Compared>(_ => _shadowed--);
        Receive<AskAgain>(_ => Ask());
        Receive<NotFoundReply>(_ => { });
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

        Route(m.Score, m);
    }

    private void Route(Score request, ExplainScore? why = null)
    {
        var (route, rejection) = _table.Route(request);
        if (route is not null)
        {
            var shadow = why is null && IsShadowed(request, route.Reply) ? _shadow : null;
            _shadowed += shadow is null ? 0 : 1;
            var worker = _workers[_next++ % _workers.Length];
            var compute = new ScorerWorkerActor.Compute(request, route.Reply, shadow, Why: why);
            if (_seeded.ContainsKey(route.Reply.ArtifactHash))
            {
                _keeper!.Forward(new SeedKeeperActor.Prepare(compute, worker));
            }
            else
            {
                worker.Forward(compute);
            }

            return;
        }

        if (why is null)
        {
            Sender.Tell(new ScoreReply { RequestId = request.RequestId, Rejection = rejection });
        }
        else
        {
            Sender.Tell(new ExplainReply { Rejection = rejection });
        }

        if (rejection!.Code != RejectionCode.Invalid && _families.Add(request.Family))
        {
            _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = request.Family });
        }
    }

    private bool IsShadowed(Score request, ScoreReply reply) =>
        _shadowed < MostShadowed
        && reply.TestId.Length == 0
        && _shadows.Any(s => s.Family == request.Family && s.ChampionVersionId == reply.VersionId);

    private void FollowShadows()
    {
        ImmutableArray<ShadowPlace> shadows = [.. _table.Shadows];
        if (!shadows.SequenceEqual(_shadows))
        {
            _shadows = shadows;
            _shadow.Tell(new ShadowActor.Follow(shadows));
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

        FollowShadows();
        LoadMissing();
        UnloadUnneeded();
    }

    private void LoadMissing()
    {
        foreach (var artifact in _table.Missing.ToArray())
        {
            if (_loaded.Contains(artifact.Hash))
            {
                _table = _table.Loaded(artifact.Hash);
            }
            else if (_loading.TryAdd(artifact.Hash, default))
            {
                foreach (var worker in _workers)
                {
                    worker.Tell(new ScorerWorkerActor.Load(artifact));
                }
            }
        }
    }

    private void Loaded(string hash, bool good)
    {
        var (loaded, answered) = _loading[hash];
        (loaded, answered) = (loaded + (good ? 1 : 0), answered + 1);
        if (answered < _workers.Length)
        {
            _loading[hash] = (loaded, answered);
            return;
        }

        if (loaded == _workers.Length && _seeded.TryGetValue(hash, out var artifact))
        {
            _keeper ??= _newKeeper();
            _keeper.Tell(new SeedKeeperActor.Load(artifact));
            return;
        }

        LoadedEverywhere(hash, loaded == _workers.Length);
    }

    private void LoadedEverywhere(string hash, bool good)
    {
        // One that did not load everywhere is tried again with the next question.
        _loading.Remove(hash);
        if (good)
        {
            _loaded.Add(hash);
            Adopt(_table.Loaded(hash));
        }
    }

    private void UnloadUnneeded()
    {
        foreach (var hash in _loaded.Except(_table.Needed, StringComparer.Ordinal).ToArray())
        {
            _loaded.Remove(hash);
            if (_seeded.Remove(hash))
            {
                _keeper?.Tell(new SeedKeeperActor.Unload(hash));
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
