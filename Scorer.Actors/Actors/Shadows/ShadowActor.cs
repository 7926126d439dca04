using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Ralm.Models.Artifacts;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>
/// Scores what the champion has just answered with the family's versions in shadow, and says what it saw. It has models
/// of its own: whoever waits for scores does not wait for it, and under load it is given fewer requests. A version that
/// knows candidates by their seeds has those that it would have if it served; until it has, it is not compared.
/// </summary>
internal sealed class ShadowActor : ReceiveActor, IWithTimers
{
    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly IActorRef _topics;
    private readonly IActorRef _keeper;
    private readonly TimeSpan _reportEvery;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<ShadowPlace, ShadowedVersion> _shadows = [];

    /// <param name="topics">The publish/subscribe mediator.</param>
    /// <param name="keeper">Of the node's seeds.</param>
    public ShadowActor(ArtifactStore store, string device, IActorRef topics, IActorRef keeper, TimeSpan reportEvery)
    {
        (_store, _device, _topics, _keeper, _reportEvery) = (store, device, topics, keeper, reportEvery);
        Receive<AdoptShadows>(m => Adopt(m.Shadows));
        Receive<Compare>(m =>
        {
            if (m.Reply.Rejection is not null || !Prepare(m))
            {
                Context.Parent.Tell(Compared.Instance);
            }
        });
        Receive<Prepared>(m =>
        {
            Score(m);
            Context.Parent.Tell(Compared.Instance);
        });
        Receive<SeedCacheActor.Ready>(m =>
        {
            foreach (var (_, shadow) in _shadows.Where(s => s.Key.Model.Artifact.Hash == m.Hash))
            {
                shadow.SeesSeeds(m.Good);
            }
        });
        Receive<SeedCacheActor.Forgotten>(_ =>
        {
            foreach (var (place, shadow) in _shadows.Where(s => s.Value.IsSeeded))
            {
                shadow.NeedsSeeds();
                _keeper.Tell(new SeedCacheActor.Load(place.Model.Artifact));
            }
        });
        Receive<Tick>(tick => tick.Do());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>All versions in shadow, now.</summary>
    public sealed record AdoptShadows(ImmutableArray<ShadowPlace> Shadows) : INoSerializationVerificationNeeded;

    /// <param name="Reply">The champion's answer.</param>
    public sealed record Compare(Score Request, ScoreReply Reply, double Seconds) : INoSerializationVerificationNeeded;

    /// <summary>With the seeds of every version that sees some, by its artefact.</summary>
    private sealed record Prepared(Compare Message, ImmutableArray<string> Seeded)
        : INeedsSeeds,
            INoSerializationVerificationNeeded
    {
        public ImmutableDictionary<string, RequestSeeds?> Seeds { get; private init; } =
            ImmutableDictionary.Create<string, RequestSeeds?>(StringComparer.Ordinal);

        public Score Request => Message.Request;

        public IEnumerable<string> Hashes => Seeded;

        public INeedsSeeds With(Func<string, RequestSeeds?> of) =>
            this with
            {
                Seeds = Seeds.AddRange(Seeded.Select(hash => KeyValuePair.Create(hash, of(hash)))),
            };
    }

    /// <summary>To the scorer: one request less is waiting here.</summary>
    public sealed class Compared : INoSerializationVerificationNeeded
    {
        public static readonly Compared Instance = new();
    }

    protected override void PreStart() => Timers.Every(nameof(Publish), _reportEvery, Publish);

    protected override void PostStop()
    {
        foreach (var shadow in _shadows.Values)
        {
            shadow.Dispose();
        }
    }

    private void Adopt(ImmutableArray<ShadowPlace> shadows)
    {
        foreach (var gone in _shadows.Keys.Except(shadows).ToArray())
        {
            _shadows.Remove(gone, out var shadow);
            shadow!.Dispose();
            var hash = gone.Model.Artifact.Hash;
            if (shadow.IsSeeded && _shadows.Keys.All(other => other.Model.Artifact.Hash != hash))
            {
                _keeper.Tell(new SeedCacheActor.Unload(hash));
            }
        }

        foreach (var place in shadows.Except(_shadows.Keys))
        {
            var shadow = _shadows[place] = new ShadowedVersion(Load(place));
            if (shadow.IsSeeded)
            {
                _keeper.Tell(new SeedCacheActor.Load(place.Model.Artifact));
            }
        }
    }

    /// <summary>Null: it fails every request, and says so.</summary>
    private ServingModel? Load(ShadowPlace place)
    {
        try
        {
            return new ServingModel(_store.Load(place.Model.Artifact), _device);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _log.Error("artefact {0} is not scored in shadow: {1}", place.Model.Artifact.Hash, e.Message);
            return null;
        }
    }

    /// <summary>False: no version is compared with this answer.</summary>
    private bool Prepare(Compare m)
    {
        var compared = _shadows.Where(s => s.Value.CanScore && IsFor(s.Key, m)).ToArray();
        ImmutableArray<string> seeded =
        [
            .. compared.Where(s => s.Value.IsSeeded).Select(s => s.Key.Model.Artifact.Hash).Distinct(),
        ];
        var message = new Prepared(m, seeded);
        if (seeded.Length > 0)
        {
            _keeper.Tell(new SeedCacheActor.Prepare(message, Self));
        }
        else if (compared.Length > 0)
        {
            Self.Tell(message);
        }

        return compared.Length > 0;
    }

    private static bool IsFor(ShadowPlace place, Compare m) =>
        place.Family == m.Request.Family && place.ChampionVersionId == m.Reply.VersionId;

    private void Score(Prepared m)
    {
        var (request, reply, seconds) = m.Message;
        foreach (var (place, shadow) in _shadows.Where(s => s.Value.CanScore && IsFor(s.Key, m.Message)))
        {
            RequestSeeds? seeds = null;
            // One that has come while this request was on its way is compared from the next on.
            if (!shadow.IsSeeded || m.Seeds.TryGetValue(place.Model.Artifact.Hash, out seeds))
            {
                shadow.Compare(request, reply, seconds, seeds);
            }
        }
    }

    private void Publish()
    {
        foreach (var (place, shadow) in _shadows)
        {
            var report = new ShadowReport
            {
                Family = place.Family,
                VersionId = place.Model.VersionId,
                ChampionVersionId = place.ChampionVersionId,
                Scorer = Akka.Serialization.Serialization.SerializedActorPath(Self),
                Counts = shadow.Tally.Counts,
            };
            _topics.Tell(new Publish(Topics.Shadows, report));
        }
    }
}
