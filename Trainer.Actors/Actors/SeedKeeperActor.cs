using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Knows the seeds of the candidates that this node is asked for, as every served model sees them. It asks users' entities
/// for audiences it lacks, hears of new seeds, and lets candidates go that were not asked for longest. A request passes
/// through it on its way to a worker; only one that names a new candidate waits, and not for long.
/// </summary>
internal sealed class SeedKeeperActor : ReceiveActor, IWithTimers
{
    /// <summary>Requests that wait; more do not wait: seeds must not make a scorer slow.</summary>
    private const int MostWaiting = 1_000;

    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly SeedOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly KeptAudiences _audiences;
    private readonly SeededModels _models;
    private readonly Queue<string> _toAsk = new();
    private readonly Dictionary<string, int> _asking = new(StringComparer.Ordinal);
    private int _waiting;
    private int _tick;

    /// <param name="topics">The publish/subscribe mediator.</param>
    public SeedKeeperActor(
        ArtifactStore store,
        string device,
        SeedOptions options,
        IReadOnlyActorRegistry registry,
        IActorRef topics
    )
    {
        (_store, _device, _options, _registry) = (store, device, options, registry);
        _audiences = new KeptAudiences(options.MostSeeds, options.MostCandidates);
        _models = new SeededModels(options.ClusterAfterChange);
        topics.Tell(new Subscribe(Topics.Audiences, Self));
        Receive<Prepare>(Pass);
        Receive<AudienceReply>(Follow);
        Receive<AudienceChanged>(m =>
        {
            if (_audiences.Find(m.UserId) is { } known && known.Audience.Version < m.Version)
            {
                Ask(known);
            }
        });
        Receive<WaitedEnough>(m => Release(m.Request));
        Receive<Load>(m => LoadModel(m.Artifact));
        Receive<Unload>(m => _models.Remove(m.Hash, _audiences.All));
        Receive<Warm>(m => Continue(m));
        Receive<Tick>(_ => AskAgain());
        Receive<Poll>(_ => _audiences.UsedSinceLastCall().ToList().ForEach(Ask));
        Receive<ClusterAll>(_ =>
            _audiences.All.Where(SeededModels.HasChanged).ToList().ForEach(a => Self.Tell(new Cluster(a)))
        );
        Receive<Cluster>(m => SeededModels.Cluster(m.Audience));
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Seeds are put into the request, and it is passed on to the worker.</summary>
    public sealed record Prepare(ScorerWorkerActor.Compute Request, IActorRef Worker)
        : INoSerializationVerificationNeeded;

    /// <summary>Answered by <see cref="Ready"/> once every candidate known is seen by this model too.</summary>
    public sealed record Load(ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    public sealed record Ready(string Hash, bool Good) : INoSerializationVerificationNeeded;

    /// <summary>It had to start again, and needs its models.</summary>
    public sealed class Forgotten : INoSerializationVerificationNeeded
    {
        public static readonly Forgotten Instance = new();
    }

    public sealed record Unload(string Hash) : INoSerializationVerificationNeeded;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _options.AskAgainAfter);
        Timers.StartPeriodicTimer(Poll.Instance, Poll.Instance, _options.PollEvery);
        Timers.StartPeriodicTimer(ClusterAll.Instance, ClusterAll.Instance, _options.ClusterEvery);
    }

    protected override void PostStop() => _models.Close();

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(Forgotten.Instance);
    }

    private void Pass(Prepare m)
    {
        var request = new WaitingRequest(m, Sender, IdsOf(m.Request.Request, m.Request.Reply.ArtifactHash));
        foreach (var id in request.Ids)
        {
            var kept = _audiences.Use(id, out var isNew);
            if (isNew)
            {
                Ask(kept);
            }

            if (!kept.Audience.IsKnown && !kept.WaitedFor)
            {
                request.Missing.Add(id);
            }
        }

        if (request.Missing.Count == 0 || _options.FirstWait == TimeSpan.Zero || _waiting >= MostWaiting)
        {
            Send(request);
            return;
        }

        _waiting++;
        foreach (var id in request.Missing)
        {
            _audiences.Find(id)!.Waiting.Add(request);
        }

        Timers.StartSingleTimer(request, new WaitedEnough(request), _options.FirstWait);
    }

    /// <summary>Candidates and, where they are users, the user.</summary>
    private string[] IdsOf(Score request, string hash)
    {
        var ids = request.Candidates.Select(c => c.CandidateId);
        return [.. _models.IsReciprocal(hash) ? ids.Append(request.UserId) : ids];
    }

    private void Send(WaitingRequest request)
    {
        var hash = request.Message.Request.Reply.ArtifactHash;
        var seeds = _models.SeedsOf(hash, request.Ids.Select(_audiences.Find), request.Message.Request.Request);
        request.Message.Worker.Tell(request.Message.Request with { Seeds = seeds }, request.ReplyTo);
    }

    /// <summary>Whatever it still lacks, no other request waits for again.</summary>
    private void Release(WaitingRequest request)
    {
        if (request.IsSent)
        {
            return;
        }

        request.IsSent = true;
        _waiting--;
        Timers.Cancel(request);
        foreach (var kept in request.Missing.Select(_audiences.Find).OfType<KeptAudience>())
        {
            kept.Waiting.Remove(request);
            kept.WaitedFor = true;
        }

        Send(request);
    }

    private void Follow(AudienceReply reply)
    {
        _asking.Remove(reply.UserId);
        if (_audiences.Find(reply.UserId) is { } kept)
        {
            var (joined, gone) = kept.Audience.Follow(reply);
            _models.Follow(kept, joined, gone);
            if (reply.More || kept.AskAgain)
            {
                kept.AskAgain = false;
                Ask(kept);
            }

            if (kept.Audience.IsKnown)
            {
                Arrived(kept);
            }

            _audiences.Resized(kept);
        }

        AskNext();
    }

    private void Arrived(KeptAudience kept)
    {
        foreach (var request in kept.Waiting)
        {
            request.Missing.Remove(kept.UserId);
            if (request.Missing.Count == 0)
            {
                Self.Tell(new WaitedEnough(request));
            }
        }

        kept.Waiting.Clear();
    }

    private void Ask(KeptAudience kept)
    {
        if (_asking.ContainsKey(kept.UserId))
        {
            // What is on its way may be older than what we heard of.
            kept.AskAgain = true;
            return;
        }

        if (!kept.IsQueued)
        {
            kept.IsQueued = true;
            _toAsk.Enqueue(kept.UserId);
        }

        AskNext();
    }

    private void AskNext()
    {
        while (
            _asking.Count < _options.AsksInFlight
            && _registry.TryGet<UserRegion>(out var users)
            && _toAsk.TryDequeue(out var id)
        )
        {
            if (_audiences.Find(id) is { } kept)
            {
                kept.IsQueued = false;
                _asking[id] = _tick;
                users.Tell(new GetAudience { UserId = id, KnownVersion = kept.Audience.Version }, Self);
            }
        }
    }

    private void AskAgain()
    {
        _tick++;
        foreach (var (id, _) in _asking.Where(a => a.Value < _tick - 1).ToArray())
        {
            _asking.Remove(id);
            if (_audiences.Find(id) is { } kept)
            {
                Ask(kept);
            }
        }

        AskNext();
    }

    private void LoadModel(ArtifactRef artifact)
    {
        try
        {
            var isNew = _models.Add(artifact.Hash, new ServingModel(_store.Load(artifact), _device));
            Continue(new Warm(artifact.Hash, isNew ? [.. _audiences.All] : [], Sender));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error("artefact {0} is not served: {1}", artifact.Hash, e.Message);
            Sender.Tell(new Ready(artifact.Hash, Good: false));
        }
    }

    /// <summary>One candidate at a time: requests for other models come in between.</summary>
    private void Continue(Warm m)
    {
        if (m.Audiences.TryDequeue(out var kept))
        {
            _models.See(m.Hash, kept);
            Self.Tell(m);
            return;
        }

        m.ReplyTo.Tell(new Ready(m.Hash, Good: true));
    }

    private sealed record WaitedEnough(WaitingRequest Request) : INoSerializationVerificationNeeded;

    private sealed record Warm(string Hash, Queue<KeptAudience> Audiences, IActorRef ReplyTo)
        : INoSerializationVerificationNeeded
    {
        public Warm(string hash, KeptAudience[] audiences, IActorRef replyTo)
            : this(hash, new Queue<KeptAudience>(audiences), replyTo) { }
    }

    private sealed record Cluster(KeptAudience Audience) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private sealed class Poll : INoSerializationVerificationNeeded
    {
        public static readonly Poll Instance = new();
    }

    private sealed class ClusterAll : INoSerializationVerificationNeeded
    {
        public static readonly ClusterAll Instance = new();
    }
}
