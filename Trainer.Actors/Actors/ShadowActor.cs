using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Serving;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Domain.Serving;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Scores what the champion has just answered with the family's versions in shadow, and says what it saw. It has models
/// of its own: whoever waits for scores does not wait for it, and under load it is given fewer requests.
/// </summary>
internal sealed class ShadowActor : ReceiveActor, IWithTimers
{
    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly IActorRef _topics;
    private readonly TimeSpan _reportEvery;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<ShadowPlace, Shadowed> _shadows = [];

    public ShadowActor(ArtifactStore store, string device, IActorRef topics, TimeSpan reportEvery)
    {
        (_store, _device, _topics, _reportEvery) = (store, device, topics, reportEvery);
        Receive<Follow>(m => Adopt(m.Shadows));
        Receive<Compare>(m =>
        {
            if (m.Reply.Rejection is null)
            {
                Score(m);
            }

            Context.Parent.Tell(Compared.Instance);
        });
        Receive<Report>(_ => Publish());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>All versions in shadow, now.</summary>
    public sealed record Follow(ImmutableArray<ShadowPlace> Shadows) : INoSerializationVerificationNeeded;

    /// <param name="Reply">The champion's answer.</param>
    public sealed record Compare(Score Request, ScoreReply Reply, double Seconds) : INoSerializationVerificationNeeded;

    /// <summary>To the scorer: one request less is waiting here.</summary>
    public sealed class Compared : INoSerializationVerificationNeeded
    {
        public static readonly Compared Instance = new();
    }

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(Report.Instance, Report.Instance, _reportEvery, _reportEvery);

    protected override void PostStop()
    {
        foreach (var shadow in _shadows.Values)
        {
            shadow.Model?.Dispose();
        }
    }

    private void Adopt(ImmutableArray<ShadowPlace> shadows)
    {
        foreach (var gone in _shadows.Keys.Except(shadows).ToArray())
        {
            _shadows[gone].Model?.Dispose();
            _shadows.Remove(gone);
        }

        foreach (var place in shadows.Except(_shadows.Keys))
        {
            _shadows[place] = new Shadowed(Load(place), new ShadowTally());
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

    private void Score(Compare m)
    {
        double[] champion = [.. m.Reply.Scores.Select(s => (double)s.Score)];
        foreach (var (place, shadow) in _shadows)
        {
            if (place.Family != m.Request.Family || place.ChampionVersionId != m.Reply.VersionId)
            {
                continue;
            }

            var started = Stopwatch.GetTimestamp();
            var scores = Try(shadow.Model, m.Request);
            if (scores is null)
            {
                shadow.Tally.Fail();
                continue;
            }

            var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            shadow.Tally.Add(champion, [.. scores.Select(s => (double)s.Score)], m.Seconds, took);
        }
    }

    private static ScoredCandidate[]? Try(ServingModel? model, Score request)
    {
        try
        {
            return model?.Score(request);
        }
        catch (FeatureException)
        {
            return null;
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

    private sealed record Shadowed(ServingModel? Model, ShadowTally Tally);

    private sealed class Report : INoSerializationVerificationNeeded
    {
        public static readonly Report Instance = new();
    }
}
