using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Ralm.Models.Artifacts;
using Ralm.Models.Seeds;
using Ralm.Models.Serving;
using Ralm.Ranking.OffPolicy;
using Ralm.Ranking.Schema;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Training;
using RalmActors.Scorer.Domain.Serving;

namespace RalmActors.Scorer.Actors;

/// <summary>Computes scores with instances of its own, one request at a time; the scorer has several of it.</summary>
internal sealed class ScorerWorkerActor : ReceiveActor
{
    private static readonly KeyValuePair<string, object?> Scored = new("outcome", "scored");
    private static readonly KeyValuePair<string, object?> Refusal = new("outcome", "refused");
    private static readonly KeyValuePair<string, object?> ByScorer = new("by", "scorer");

    private readonly Dictionary<string, ServingModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ServingModel Model, long BatchNr)> _lineages = new(StringComparer.Ordinal);

    public ScorerWorkerActor(ArtifactStore store, string device)
    {
        var log = Context.GetLogger();
        Receive<Load>(m =>
        {
            try
            {
                if (!_models.TryGetValue(m.Artifact.Hash, out var model))
                {
                    _models[m.Artifact.Hash] = model = new ServingModel(store.Load(m.Artifact), device);
                }

                _failed.Remove(m.Artifact.Hash);
                Sender.Tell(new Loaded(m.Artifact, model.Seeded is not null));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // It is tried again and again: told once, until it is another reason.
                if (_failed.GetValueOrDefault(m.Artifact.Hash) != e.Message)
                {
                    _failed[m.Artifact.Hash] = e.Message;
                    log.Error("artefact {0} is not served: {1}", m.Artifact.Hash, e.Message);
                }

                Sender.Tell(new LoadFailed(m.Artifact));
            }
        });
        Receive<Unload>(m =>
        {
            if (_models.Remove(m.Hash, out var model))
            {
                model.Dispose();
            }
        });
        Receive<Adopt>(m =>
        {
            try
            {
                var (id, artifact) = (m.Learned.LineageId, m.Artifact);
                var model = _lineages.TryGetValue(id, out var known)
                    ? known.Model
                    : new ServingModel(store.Load(artifact), device);
                _lineages[id] = (model, m.Learned.BatchNr);
                model.Adopt(m.Learned.From, m.Learned.Values);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Its checkpoints serve meanwhile.
                log.Warning("weights of lineage {0} are not served: {1}", m.Learned.LineageId, e.Message);
                Leave(m.Learned.LineageId);
                Sender.Tell(new AdoptFailed(m.Learned.LineageId));
            }
        });
        Receive<LeaveLineage>(m => Leave(m.LineageId));
        Receive<Compute>(m =>
        {
            if (m.Why is { } why)
            {
                Sender.Tell(Explain(m, why));
                return;
            }

            var started = Stopwatch.GetTimestamp();
            var reply = Answer(m);
            var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Sender.Tell(reply);
            Measure(reply, took);
            m.Shadow?.Tell(new ShadowActor.Compare(m.Request, reply, took));
        });
    }

    /// <summary>Answered by <see cref="Loaded"/> or <see cref="LoadFailed"/>.</summary>
    public sealed record Load(ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    /// <param name="Seeded">The model knows candidates by their seeds.</param>
    public sealed record Loaded(ArtifactRef Artifact, bool Seeded) : INoSerializationVerificationNeeded;

    public sealed record LoadFailed(ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    public sealed record Unload(string Hash) : INoSerializationVerificationNeeded;

    /// <summary>From now on requests of its arm are scored by these. Answered only where that cannot be.</summary>
    /// <param name="Artifact">Any of the lineage's: what does not change online is the same in all.</param>
    public sealed record Adopt(LearnedWeights Learned, ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    public sealed record AdoptFailed(string LineageId) : INoSerializationVerificationNeeded;

    /// <summary>It is not served any more.</summary>
    public sealed record LeaveLineage(string LineageId) : INoSerializationVerificationNeeded;

    /// <param name="Reply">Everything but the scores.</param>
    /// <param name="Shadow">Whoever compares other versions with the answer.</param>
    /// <param name="Why">An explanation is asked for instead.</param>
    /// <param name="Seeds">Null: none are known, or the model has no use for them.</param>
    public sealed record Compute(
        Score Request,
        ScoreReply Reply,
        IActorRef? Shadow = null,
        RequestSeeds? Seeds = null,
        ExplainScore? Why = null
    ) : INeedsSeeds, INoSerializationVerificationNeeded
    {
        public IEnumerable<string> Hashes => [Reply.ArtifactHash];

        public INeedsSeeds With(Func<string, RequestSeeds?> of) => this with { Seeds = of(Reply.ArtifactHash) };
    }

    protected override void PostStop()
    {
        foreach (var model in _models.Values.Concat(_lineages.Values.Select(l => l.Model)))
        {
            model.Dispose();
        }
    }

    private static void Measure(ScoreReply reply, double seconds)
    {
        RalmMetrics.ScoreTime.Record(seconds);
        if (reply.Rejection is not null)
        {
            RalmMetrics.Scores.Add(1, Refusal);
            return;
        }

        RalmMetrics.Scores.Add(reply.Scores.Count, Scored);
        if (reply.ExperimentId.Length > 0)
        {
            RalmMetrics.Assignments.Add(1, ByScorer);
        }
    }

    private void Leave(string lineageId)
    {
        if (_lineages.Remove(lineageId, out var left))
        {
            left.Model.Dispose();
        }
    }

    /// <summary>An arm of a lineage has what that has learned until now, if it has come; else what its artefact says.</summary>
    private ServingModel? ModelOf(ScoreReply reply)
    {
        if (
            reply.LineageIds.Count == 1
            && _lineages.TryGetValue(reply.LineageIds[0], out var live)
            && live.BatchNr >= reply.BatchNr
        )
        {
            reply.BatchNr = live.BatchNr;
            return live.Model;
        }

        return _models.GetValueOrDefault(reply.ArtifactHash);
    }

    private ScoreReply Answer(Compute m)
    {
        if (ModelOf(m.Reply) is not { } model)
        {
            return Refused(m, RejectionCode.Overloaded, "family", m.Request.Family, "has a model that is being loaded");
        }

        try
        {
            var scores = model.Score(m.Request, m.Seeds);
            Draw(m.Request, scores);
            m.Reply.SchemaId = model.SchemaId;
            m.Reply.Scores.AddRange(scores);
            m.Reply.SeedsPending = m.Seeds?.Pending ?? 0;
            m.Reply.UnknownFeatures.AddRange(model.Unknown(m.Request));
            return m.Reply;
        }
        catch (FeatureException e)
        {
            return Refused(m, RejectionCode.Invalid, e.Field, e.Value, e.Message);
        }
    }

    /// <summary>The list to show, where it is to be drawn.</summary>
    private static void Draw(Score request, ScoredCandidate[] scores)
    {
        if (request.Exploration is null)
        {
            return;
        }

        var list = DrawnList.Of([.. scores.Select(s => s.Score)], request.Exploration, request.RequestId);
        for (var place = 0; place < list.Length; place++)
        {
            var scored = scores[list[place].Candidate];
            (scored.Position, scored.Propensity) = (place + 1, list[place].Propensity);
        }
    }

    private ExplainReply Explain(Compute m, ExplainScore why)
    {
        if (ModelOf(m.Reply) is not { } model)
        {
            var busy = Refused(
                m,
                RejectionCode.Overloaded,
                "family",
                m.Request.Family,
                "has a model that is being loaded"
            );
            return ScoreRules.NotExplained(busy.Rejection);
        }

        try
        {
            var reply = model.Explain(m.Request, m.Seeds, why.TopSeeds);
            (reply.VersionId, reply.ArtifactHash) = (m.Reply.VersionId, m.Reply.ArtifactHash);
            reply.UnknownFeatures.AddRange(model.Unknown(m.Request));
            return reply;
        }
        catch (FeatureException e)
        {
            var bad = Refused(m, RejectionCode.Invalid, e.Field, e.Value, e.Message);
            return ScoreRules.NotExplained(bad.Rejection);
        }
    }

    private static ScoreReply Refused(Compute m, RejectionCode code, string field, string value, string rule) =>
        new() { RequestId = m.Request.RequestId, Rejection = Rejections.Of(code, field, value, rule) };
}
