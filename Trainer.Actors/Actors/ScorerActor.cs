using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Serving;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Schema;
using RalmActors.Trainer.Domain.Serving;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Serves scores. It hears of champions, tests and lineages; what a request needs and it does not know, it asks for, and
/// says so. A model is loaded when it is first needed; one that cannot be loaded leaves the last good one serving.
/// </summary>
public sealed class ScorerActor : ReceiveActor
{
    private readonly IReadOnlyActorRegistry _registry;
    private readonly ArtifactStore _store;
    private readonly string _device;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, ServingModel> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lastGood = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _asked = new(StringComparer.Ordinal);
    private ServingTable _table = ServingTable.Empty;

    public ScorerActor(ArtifactStore store, IReadOnlyActorRegistry registry, TimeProvider clock, string device = "cpu")
    {
        (_store, _registry, _clock, _device) = (store, registry, clock, device);
        Receive<Score>(Answer);
        Receive<RegistryReply>(family => Learn(_table.With(family)));
        Receive<RunningTest>(test => Learn(_table.With(test)));
        Receive<LineageReply>(lineage => Learn(_table.With(lineage)));
        Receive<SubscribeAck>(_ => { });
        Receive<NotFoundReply>(_ => { });
    }

    protected override void PreStart()
    {
        var topics = DistributedPubSub.Get(Context.System).Mediator;
        foreach (var topic in new[] { Topics.Registry, Topics.Lineages, Topics.RunningTests })
        {
            topics.Tell(new Subscribe(topic, Self));
        }
    }

    protected override void PostStop()
    {
        foreach (var model in _models.Values)
        {
            model.Dispose();
        }
    }

    private void Learn(ServingTable table)
    {
        _table = table;
        var needed = table.Serving.Concat(_lastGood.Values).ToHashSet(StringComparer.Ordinal);
        foreach (var (hash, model) in _models.Where(m => !needed.Contains(m.Key)).ToArray())
        {
            _models.Remove(hash);
            model.Dispose();
        }
    }

    private void Answer(Score request)
    {
        var reply = new ScoreReply { RequestId = request.RequestId };
        if (ScoreRules.Check(request) is { } refused)
        {
            reply.Rejection = refused;
        }
        else if (_table.Choose(request) is ({ } choice, _))
        {
            Fill(reply, request, choice);
        }
        else
        {
            reply.Rejection = _table.Choose(request).Rejection;
            Inquire(reply.Rejection!, request);
        }

        Sender.Tell(reply);
    }

    private void Fill(ScoreReply reply, Score request, Choice choice)
    {
        try
        {
            var (hash, model) = ModelFor(choice);
            var scores = model.Score(request);
            for (var i = 0; i < scores.Length; i++)
            {
                reply.Scores.Add(
                    new ScoredCandidate { CandidateId = request.Candidates[i].CandidateId, Score = scores[i] }
                );
            }

            (reply.VersionId, reply.ArtifactHash, reply.SchemaId) = (choice.VersionId, hash, model.Schema.Id);
            (reply.TestId, reply.Arm, reply.Phase, reply.Cell) = (choice.TestId, choice.Arm, choice.Phase, choice.Cell);
            reply.ExposureId = ScoreRules.ExposureId(request, choice);
            reply.LineageIds.AddRange(choice.LineageIds);
        }
        catch (FeatureException e)
        {
            reply.Rejection = Refusal(RejectionCode.Invalid, "features", request.RequestId, e.Message);
        }
        catch (ArtifactException e)
        {
            _log.Error(e, "no model to serve {0}", choice.VersionId);
            reply.Rejection = Refusal(RejectionCode.Conflict, "version_id", choice.VersionId, e.Message);
        }
    }

    /// <summary>The chosen artefact; if it cannot be loaded, the last one that served in its place.</summary>
    private (string Hash, ServingModel Model) ModelFor(Choice choice)
    {
        var place = $"{choice.TestId}/{choice.Arm}";
        var hash = choice.Artifact.Hash;
        try
        {
            if (!_models.TryGetValue(hash, out var model))
            {
                model = new ServingModel(_store.Load(choice.Artifact), _device);
                _models.Add(hash, model);
                _log.Info("serving {0} as {1} {2}", choice.VersionId, choice.TestId, choice.Arm);
            }

            _lastGood[place] = hash;
            return (hash, model);
        }
        catch (ArtifactException e) when (_lastGood.ContainsKey(place))
        {
            _log.Error(e, "{0} cannot be loaded; {1} goes on serving", hash, _lastGood[place]);
            return (_lastGood[place], _models[_lastGood[place]]);
        }
    }

    /// <summary>Asks the owner of what is missing, once a second at most; the caller asks again.</summary>
    private void Inquire(Rejection missing, Score request)
    {
        var now = _clock.GetUtcNow();
        var key = $"{missing.Field}/{missing.Value}";
        if (_asked.TryGetValue(key, out var before) && now - before < TimeSpan.FromSeconds(1))
        {
            return;
        }

        _asked[key] = now;
        switch (missing.Field)
        {
            case "family" or "version_id":
                _registry.Get<RegistryRegion>().Tell(new GetRegistry { Family = request.Family });
                break;
            case "lineage_id":
                _registry.Get<LineageRegion>().Tell(new GetLineage { LineageId = missing.Value });
                break;
        }
    }

    private static Rejection Refusal(RejectionCode code, string field, string value, string rule) =>
        new()
        {
            Code = code,
            Field = field,
            Value = value,
            Rule = rule,
        };
}
