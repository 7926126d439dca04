using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Reads stored evaluations and compares versions by them. It computes beside its mailbox: a comparison of many rows takes
/// seconds and holds up no other question.
/// </summary>
public sealed class EvaluatorActor : ReceiveActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="registry">The registry's region.</param>
    public EvaluatorActor(EvaluationStore store, IActorRef registry) =>
        Receive<GetEvaluation>(asked =>
        {
            var to = Sender;
            _ = Answer(asked, store, registry)
                .PipeTo(to, Self, success: reply => reply, failure: cause => Refused("evaluation", "", cause.Message));
        });

    private static async Task<IWireMessage> Answer(GetEvaluation asked, EvaluationStore store, IActorRef registry)
    {
        var family = await registry.Ask<object>(new GetRegistry { Family = asked.Family }, Patience);
        if (family is not RegistryReply known)
        {
            return new NotFoundReply { Region = ShardNames.Registry, EntityId = asked.Family };
        }

        return await Task.Run(() => Answer(asked, store, known));
    }

    private static EvaluationReply Answer(GetEvaluation asked, EvaluationStore store, RegistryReply family)
    {
        var (version, missing) = Evaluated(family, "version_id", asked.VersionId);
        var (other, otherMissing) =
            asked.Against.Length == 0 ? (null, null) : Evaluated(family, "against", asked.Against);
        if ((missing ?? otherMissing) is { } rejection)
        {
            return new EvaluationReply { Rejection = rejection };
        }

        var reply = new EvaluationReply { Evaluation = store.Load(version!.Hash) };
        if (other is null)
        {
            return reply;
        }

        if (version.RowsHash.Length == 0 || version.RowsHash != other.RowsHash)
        {
            var rule =
                $"must be judged on the test rows of dataset {reply.Evaluation.DatasetHash}, as {asked.VersionId} is";
            return Refused("against", asked.Against, rule);
        }

        var rows = new ScoredRows(store.Rows(version.RowsHash), store.Scores(version.ScoresHash));
        var evaluated = rows.ToEvaluationRows();
        float[] otherScores = [.. store.Scores(other.ScoresHash).Scores];
        var resampling = Resampling.For(evaluated.Count);
        reply.Comparison = ModelComparison.Of(evaluated, rows.ScoreArray(), otherScores, resampling);
        (reply.Comparison.VersionId, reply.Comparison.AgainstVersionId) = (asked.VersionId, asked.Against);
        return reply;
    }

    private static (EvaluationRef? Evaluation, Rejection? Missing) Evaluated(
        RegistryReply family,
        string field,
        string versionId
    ) =>
        family.Versions.FirstOrDefault(v => v.VersionId == versionId) switch
        {
            null => (null, Missing(field, versionId, $"must be a registered version of {family.Family}")),
            { Evaluation: null } => (null, Missing(field, versionId, "has no evaluation: no run judged it")),
            { } version => (version.Evaluation, null),
        };

    private static Rejection Missing(string field, string value, string rule) =>
        Decision.NotFound(field, value, rule).Rejection!;

    private static EvaluationReply Refused(string field, string value, string rule) =>
        new() { Rejection = Decision.Conflict(field, value, rule).Rejection };
}
