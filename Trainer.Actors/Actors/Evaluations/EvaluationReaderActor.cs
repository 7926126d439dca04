using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Metrics;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Registry;
using RalmActors.Trainer.Storage;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Reads stored evaluations and compares versions by them, and takes requests for more. It computes beside its mailbox: a
/// comparison of many rows takes seconds and holds up no other question.
/// </summary>
public sealed class EvaluationReaderActor : ReceiveActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="regions">Of registries, runs and evaluations.</param>
    /// <param name="look">What a prepared dataset's folder says about itself; <c>null</c>: as on disk.</param>
    public EvaluationReaderActor(ArtifactStore artifacts, EvaluatedBy regions, Func<string, DatasetMeta>? look = null)
    {
        var store = new EvaluationStore(artifacts.Folder);
        var requested = new RequestedVersion(artifacts, regions.Runs, look ?? PreparedDataset.Look);
        Receive<GetEvaluation>(asked =>
        {
            var to = Sender;
            _ = Answer(asked, store, regions.Registry)
                .PipeTo(to, Self, success: reply => reply, failure: cause => Refused("evaluation", "", cause.Message));
        });
        Receive<RequestEvaluation>(asked =>
        {
            var to = Sender;
            _ = Request(asked, requested, regions)
                .PipeTo(to, Self, success: reply => reply, failure: cause => Refused(asked.Header, cause));
        });
    }

    private static async Task<IWireMessage> Request(
        RequestEvaluation asked,
        RequestedVersion requested,
        EvaluatedBy regions
    )
    {
        var family = await regions.Registry.AskFor<RegistryReply>(new GetRegistry { Family = asked.Family }, Patience);
        return family.ReplyOrNone is not { } known
                ? new NotFoundReply { Region = RegionNames.Registry, EntityId = asked.Family }
            : await Task.Run(() => requested.Complete(asked, known)) is { } complete
                ? await Request(complete, regions.Evaluations)
            : new CommandReply { CommandId = asked.Header.CommandId, Outcome = CommandOutcome.Accepted };
    }

    private static async Task<IWireMessage> Request(RequestEvaluation complete, IActorRef evaluations) =>
        await evaluations.AskFor<CommandReply>(complete, Patience) switch
        {
            Answer<CommandReply>.Refused refused => throw new RequestedVersion.RefusedException(refused.Rejection),
            var answer => answer.ReplyOrThrow,
        };

    private static CommandReply Refused(CommandHeader header, Exception cause) =>
        (cause as AggregateException)?.InnerException is { } inner ? Refused(header, inner)
        : cause is RequestedVersion.RefusedException refused
            ? new CommandReply
            {
                CommandId = header.CommandId,
                Outcome = CommandOutcome.Rejected,
                Rejection = refused.Rejection,
            }
        // Not known whether it arrived.
        : new CommandReply { CommandId = header.CommandId, Outcome = CommandOutcome.Unavailable };

    private static async Task<IWireMessage> Answer(GetEvaluation asked, EvaluationStore store, IActorRef registry)
    {
        var family = await registry.AskFor<RegistryReply>(new GetRegistry { Family = asked.Family }, Patience);
        if (family.ReplyOrNone is not { } known)
        {
            return new NotFoundReply { Region = RegionNames.Registry, EntityId = asked.Family };
        }

        return await Task.Run(() => Answer(asked, store, known));
    }

    private static EvaluationReply Answer(GetEvaluation asked, EvaluationStore store, RegistryReply family)
    {
        var (version, missing) = Evaluated(family, "version_id", asked.VersionId, asked.DatasetHash);
        var (other, otherMissing) =
            asked.Against.Length == 0 || version is null
                ? (null, null)
                : Evaluated(family, "against", asked.Against, "", version.RowsHash);
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

    /// <param name="rowsHash">Preferred is an evaluation on these rows.</param>
    private static (EvaluationRef? Evaluation, Rejection? Missing) Evaluated(
        RegistryReply family,
        string field,
        string versionId,
        string datasetHash,
        string rowsHash = ""
    )
    {
        if (family.Versions.FirstOrDefault(v => v.VersionId == versionId) is not { } version)
        {
            return (null, Missing(field, versionId, $"must be a registered version of {family.Family}"));
        }

        var onSameRows = version
            .AllEvaluations()
            .FirstOrDefault(e => rowsHash.Length > 0 && e.Evaluation.RowsHash == rowsHash);
        var on = datasetHash.Length == 0 ? "" : $" on dataset {datasetHash}";
        return (onSameRows.Evaluation ?? version.EvaluationOn(datasetHash)) is { } found
            ? (found, null)
            : (null, Missing(field, versionId, $"has no evaluation{on}: nobody asked for one"));
    }

    private static Rejection Missing(string field, string value, string rule) =>
        Rejections.NotFound(field, value, rule);

    private static EvaluationReply Refused(string field, string value, string rule) =>
        new() { Rejection = Rejections.Conflict(field, value, rule) };
}

/// <summary>The regions that the evaluator asks.</summary>
public sealed record EvaluatedBy(IActorRef Registry, IActorRef Runs, IActorRef Evaluations);
