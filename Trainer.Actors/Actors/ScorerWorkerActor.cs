using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;

namespace RalmActors.Trainer.Actors;

/// <summary>Computes scores with instances of its own, one request at a time; the scorer has several of it.</summary>
internal sealed class ScorerWorkerActor : ReceiveActor
{
    private readonly Dictionary<string, ServingModel> _models = new(StringComparer.Ordinal);

    public ScorerWorkerActor(ArtifactStore store, string device)
    {
        var log = Context.GetLogger();
        Receive<Load>(m =>
        {
            try
            {
                if (!_models.ContainsKey(m.Artifact.Hash))
                {
                    _models[m.Artifact.Hash] = new ServingModel(store.Load(m.Artifact), device);
                }

                Sender.Tell(new Loaded(m.Artifact.Hash));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                log.Error("artefact {0} is not served: {1}", m.Artifact.Hash, e.Message);
                Sender.Tell(new LoadFailed(m.Artifact.Hash));
            }
        });
        Receive<Unload>(m =>
        {
            if (_models.Remove(m.Hash, out var model))
            {
                model.Dispose();
            }
        });
        Receive<Compute>(m =>
        {
            var started = Stopwatch.GetTimestamp();
            var reply = Answer(m);
            var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Sender.Tell(reply);
            m.Shadow?.Tell(new ShadowActor.Compare(m.Request, reply, took));
        });
    }

    /// <summary>Answered by <see cref="Loaded"/> or <see cref="LoadFailed"/>.</summary>
    public sealed record Load(ArtifactRef Artifact) : INoSerializationVerificationNeeded;

    public sealed record Loaded(string Hash) : INoSerializationVerificationNeeded;

    public sealed record LoadFailed(string Hash) : INoSerializationVerificationNeeded;

    public sealed record Unload(string Hash) : INoSerializationVerificationNeeded;

    /// <param name="Reply">Everything but the scores.</param>
    /// <param name="Shadow">Whoever compares other versions with the answer.</param>
    public sealed record Compute(Score Request, ScoreReply Reply, IActorRef? Shadow = null)
        : INoSerializationVerificationNeeded;

    protected override void PostStop()
    {
        foreach (var model in _models.Values)
        {
            model.Dispose();
        }
    }

    private ScoreReply Answer(Compute m)
    {
        if (!_models.TryGetValue(m.Reply.ArtifactHash, out var model))
        {
            return Refused(m, RejectionCode.Overloaded, "family", m.Request.Family, "has a model that is being loaded");
        }

        try
        {
            var scores = model.Score(m.Request);
            m.Reply.SchemaId = model.SchemaId;
            m.Reply.Scores.AddRange(
                scores.Select(
                    (score, k) =>
                        new ScoredCandidate { CandidateId = m.Request.Candidates[k].CandidateId, Score = score }
                )
            );
            return m.Reply;
        }
        catch (FeatureException e)
        {
            return Refused(m, RejectionCode.Invalid, "features", m.Request.RequestId, e.Message);
        }
    }

    private static ScoreReply Refused(Compute m, RejectionCode code, string field, string value, string rule) =>
        new() { RequestId = m.Request.RequestId, Rejection = Decision.Reject(code, field, value, rule).Rejection };
}
