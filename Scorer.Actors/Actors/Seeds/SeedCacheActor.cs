using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using Ralm.Models.Artifacts;
using Ralm.Models.Serving;
using Ralm.Ranking.Seeds;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Seeds;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// Knows the seeds of the candidates that this node is asked for, as every model in use sees them. It asks users' entities
/// for audiences it lacks, hears of new seeds, and lets candidates go that were not asked for longest. A request passes
/// through it on its way to a worker; only one that names a new candidate waits, and not for long.
/// </summary>
internal sealed partial class SeedCacheActor : ReceiveActor, IWithTimers
{
    private const int MaxWaiting = 1_000;

    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly SeedOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly AudienceCache _audiences;
    private readonly SeededModels _models;
    private readonly FetchQueue _asks;
    private readonly PendingRequests<WaitingRequest> _room = new(MaxWaiting);
    private readonly Queue<(KeptAudience Kept, DateTimeOffset Since)> _changed = new();

    /// <param name="topics">The publish/subscribe mediator.</param>
    public SeedCacheActor(
        ArtifactStore store,
        string device,
        SeedOptions options,
        TimeProvider clock,
        IReadOnlyActorRegistry registry,
        IActorRef topics
    )
    {
        (_store, _device, _options, _clock, _registry) = (store, device, options, clock, registry);
        _audiences = new AudienceCache(options.MaxSeeds, options.MaxCandidates);
        _models = new SeededModels(new ClusterRule(options.ClusterAfterChange, options.ClusterEvery));
        _asks = new FetchQueue(options.AsksInFlight);
        topics.Tell(new Subscribe(Topics.Audiences, Self));
        Receive<Prepare>(Pass);
        Receive<AudienceReply>(Follow);
        Receive<AudienceChanged>(m =>
        {
            if (_audiences.Find(m.UserId)?.Audience.Version < m.Version)
            {
                Ask([m.UserId]);
            }
        });
        Receive<Load>(m => LoadModel(m.Artifact));
        Receive<Unload>(m => _models.LetGo(m.Hash, Sender, _audiences.All));
        Receive<Warm>(Continue);
        Receive<Tick>(tick => tick.Do());
        Receive<Cluster>(m => SeededModels.Cluster(m.Audience));
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.Every(nameof(Turn), _options.AskAgainAfter, Turn);
        Timers.Every(nameof(Poll), _options.PollEvery, Poll);
    }

    /// <summary>Nobody who waits for a score waits in vain.</summary>
    protected override void PostStop()
    {
        foreach (var request in _room.Waiting)
        {
            Send(request);
        }

        _models.Close();
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(Forgotten.Instance);
    }

    private void Pass(Prepare m)
    {
        string[] ids = [.. m.Message.Request.Candidates.Select(c => c.CandidateId)];
        var user = m.Message.Hashes.Any(_models.IsReciprocal) ? m.Message.Request.UserId : null;
        var request = new WaitingRequest(m, Sender, ids, user);
        var (unasked, lacking) = (new List<string>(), new List<string>());
        foreach (var id in user is null ? ids : ids.Append(user))
        {
            var kept = _audiences.Use(id, out var isNew);
            if (isNew)
            {
                unasked.Add(id);
            }

            if (!kept.Audience.IsKnown && !kept.WaitedFor)
            {
                lacking.Add(id);
            }
        }

        Ask(unasked);
        if (_options.FirstWait > TimeSpan.Zero && _room.Enter(request, lacking))
        {
            Timers.After(request, _options.FirstWait, () => GiveUp(request));
            return;
        }

        Send(request);
    }

    private void Send(WaitingRequest request)
    {
        var candidates = Array.ConvertAll(request.Candidates, _audiences.Find);
        var user = request.User is null ? null : _audiences.Find(request.User);
        request.To.Tell(request.Message.With(hash => _models.SeedsOf(hash, candidates, user)), request.ReplyTo);
    }

    /// <summary>Whatever it still lacks, no other request waits for again.</summary>
    private void GiveUp(WaitingRequest request)
    {
        if (_room.Leave(request) is not { } lacked)
        {
            return;
        }

        foreach (var kept in lacked.Select(_audiences.Find).OfType<KeptAudience>())
        {
            kept.WaitedFor = true;
        }

        Send(request);
    }

    private void Follow(AudienceReply reply)
    {
        var kept = _audiences.Find(reply.UserId);
        _asks.Answered(reply.UserId, more: reply.More);
        if (kept is not null)
        {
            var wasKnown = kept.Audience.IsKnown;
            var (joined, gone) = kept.Audience.Follow(reply);
            _models.Follow(kept, joined, gone, isFirstWhole: !wasKnown && kept.Audience.IsKnown);
            NoteChange(kept);
            foreach (var ready in kept.Audience.IsKnown ? _room.Arrived(kept.UserId) : [])
            {
                Timers.Cancel(ready);
                Send(ready);
            }

            _audiences.Resized(kept);
        }

        AskNext();
    }

    private void NoteChange(KeptAudience kept)
    {
        if (!SeededModels.HasChanged(kept))
        {
            kept.ChangedAt = null;
        }
        else if (kept.ChangedAt is null)
        {
            var now = _clock.GetUtcNow();
            kept.ChangedAt = now;
            _changed.Enqueue((kept, now));
        }
    }

    private void Ask(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            _asks.Add(id);
        }

        AskNext();
    }

    private void AskNext()
    {
        while (
            _registry.TryGet<UserRegion>(out var users) && _asks.Next(id => _audiences.Find(id) is not null) is { } next
        )
        {
            users.Tell(new GetAudience { UserId = next, KnownVersion = _audiences.Find(next)!.Audience.Version }, Self);
        }
    }

    private void Poll() => Ask(_audiences.UsedSinceLastCall().Select(kept => kept.UserId));

    private void Turn()
    {
        _asks.Turn();
        AskNext();
        var due = _clock.GetUtcNow() - _options.ClusterEvery;
        while (_changed.TryPeek(out var first) && first.Since <= due)
        {
            _changed.Dequeue();
            if (first.Kept.ChangedAt == first.Since)
            {
                first.Kept.ChangedAt = null;
                Self.Tell(new Cluster(first.Kept));
            }
        }
    }

    private void LoadModel(ArtifactRef artifact)
    {
        try
        {
            if (!_models.Has(artifact.Hash))
            {
                _models.Add(artifact.Hash, new ServingModel(_store.Load(artifact), _device));
            }

            _models.Hold(artifact.Hash, Sender);
            var unseen = _models.Unseen(artifact.Hash, _audiences.All);
            Continue(new Warm(artifact.Hash, new Queue<KeptAudience>(unseen), Sender));
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
        if (!_models.Has(m.Hash))
        {
            return;
        }

        if (m.Audiences.TryDequeue(out var kept))
        {
            _models.See(m.Hash, kept);
            Self.Tell(m);
            return;
        }

        m.ReplyTo.Tell(new Ready(m.Hash, Good: true));
    }
}
