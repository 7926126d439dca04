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

/// <summary>How a node serves scores.</summary>
public sealed record ScorerOptions
{
    /// <summary>Threads that compute scores, each with model instances of its own: 1 to 64; default half the cores.</summary>
    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How often registry and lineages are asked what to serve, beside being told: default 5 s.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// The scorer of a node: knows what serves, loads it, and sends each request to a worker. A model serves when every worker
/// has it; until then the one before does.
/// </summary>
public sealed class ScorerActor : ReceiveActor, IWithTimers
{
    private readonly IReadOnlyActorRegistry _registry;
    private readonly IActorRef[] _workers;
    private readonly TimeSpan _askEvery;
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Loaded, int Answered)> _loading = new(StringComparer.Ordinal);
    private readonly HashSet<string> _loaded = new(StringComparer.Ordinal);
    private ServingTable _table = ServingTable.Empty;
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
        foreach (var topic in (string[])[Topics.Registry, Topics.Lineages, Topics.RunningTests])
        {
            topics.Tell(new Subscribe(topic, Self));
        }

        Receive<Score>(Route);
        Receive<RegistryReply>(m => Adopt(_table.With(m)));
        Receive<LineageReply>(m => Adopt(_table.With(m)));
        Receive<RunningTest>(m => Adopt(_table.With(m)));
        Receive<ScorerWorkerActor.Loaded>(m => Loaded(m.Hash, good: true));
        Receive<ScorerWorkerActor.LoadFailed>(m => Loaded(m.Hash, good: false));
        Receive<AskAgain>(_ => Ask());
        Receive<NotFoundReply>(_ => { });
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, _askEvery);

    private void Route(Score request)
    {
        var (route, rejection) = _table.Route(request);
        if (route is not null)
        {
            _workers[_next++ % _workers.Length].Forward(new ScorerWorkerActor.Compute(request, route.Reply));
            return;
        }

        Sender.Tell(new ScoreReply { RequestId = request.RequestId, Rejection = rejection });
        if (rejection!.Code != RejectionCode.Invalid && _families.Add(request.Family))
        {
            _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = request.Family });
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

        // One that did not load everywhere is tried again with the next question.
        _loading.Remove(hash);
        if (loaded == _workers.Length)
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
