using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Evaluation;
using RalmActors.Trainer.Domain.Registry;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// Completes what somebody asks to have judged: which artefact, on which prepared data. What cannot be judged is refused
/// here, by name, while the sender still listens.
/// </summary>
/// <param name="runs">The region of training runs.</param>
/// <param name="look">What a prepared dataset's folder says about itself.</param>
internal sealed class RequestedVersion(ArtifactStore artifacts, IActorRef runs, Func<string, DatasetMeta> look)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The request as the entity takes it; <c>null</c> when the version is judged on that dataset already.</summary>
    /// <exception cref="RefusedException">Names field, value and rule.</exception>
    public async Task<RequestEvaluation?> Complete(RequestEvaluation asked, RegistryReply family)
    {
        var version =
            family.Versions.FirstOrDefault(v => v.VersionId == asked.VersionId)
            ?? throw Refused(
                Decision.NotFound("version_id", asked.VersionId, $"must be a registered version of {family.Family}")
            );
        if (version.ArtifactReleasedAt is not null)
        {
            throw Refused(Decision.Conflict("version_id", asked.VersionId, "has given its artefact up"));
        }

        var complete = asked.Clone();
        complete.Header.AsSent ??= CommandDigest.Of(asked);
        complete.Artifact = version.Artifact;
        complete.RunId = "";
        complete.DatasetPath = asked.DatasetPath.Length > 0 ? asked.DatasetPath : await PathOf(asked, family, version);
        var data = Look(complete.DatasetPath, asked.DatasetHash);
        complete.DatasetHash = data.Hash;
        if (data.Test == 0)
        {
            var rule = $"must have test rows: its {data.Rows:N0} rows are for training and validation";
            throw Refused(Decision.Invalid("dataset_path", complete.DatasetPath, rule));
        }

        if (version.EvaluationOn(data.Hash) is not null)
        {
            return null;
        }

        CheckSchema(complete, data);
        complete.Epochs.Clear();
        complete.Epochs.Add(await CurveOf(version));
        return complete;
    }

    /// <summary>Where a run of the family found the dataset.</summary>
    private async Task<string> PathOf(RequestEvaluation asked, RegistryReply family, ModelVersion version)
    {
        var line = Ancestry.Of(family, version);
        var hash = asked.DatasetHash.Length > 0 ? asked.DatasetHash : Ancestry.DatasetOf(line);
        foreach (var run in Ancestry.RunsOn(hash, family, line))
        {
            if (await Run(run) is { DatasetPath.Length: > 0 } found && found.DatasetHash == hash)
            {
                return found.DatasetPath;
            }
        }

        var known = hash.Length == 0 ? "what it was trained on" : $"where dataset {hash} is";
        throw Refused(Decision.Invalid("dataset_path", "", $"must be given: no run of {family.Family} says {known}"));
    }

    private DatasetMeta Look(string path, string hash)
    {
        DatasetMeta data;
        try
        {
            data = look(path);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or System.Text.Json.JsonException)
        {
            throw Refused(Decision.Invalid("dataset_path", path, $"must be a prepared dataset: {e.Message}"));
        }

        return hash.Length == 0 || hash == data.Hash
            ? data
            : throw Refused(Decision.Invalid("dataset_hash", hash, $"must be that of {path}, {data.Hash}"));
    }

    private void CheckSchema(RequestEvaluation complete, DatasetMeta data)
    {
        ModelCard card;
        try
        {
            card = artifacts.Load(complete.Artifact).Card;
        }
        catch (ArtifactException e)
        {
            throw Refused(Decision.Conflict("version_id", complete.VersionId, $"cannot be judged: {e.Message}"));
        }

        if (card.SchemaId != data.SchemaId)
        {
            var rule = $"must have the feature schema of {complete.VersionId}, {card.SchemaId}; it has {data.SchemaId}";
            throw Refused(Decision.Invalid("dataset_path", complete.DatasetPath, rule));
        }
    }

    private async Task<IEnumerable<LearningPoint>> CurveOf(ModelVersion version) =>
        Ancestry.RunOf(version) is { } id && await Run(id) is { } run
            ? LearningCurve.Of(run.Epochs, version.Artifact)
            : [];

    private async Task<TrainingRunReply?> Run(string runId) =>
        (await runs.AskFor<TrainingRunReply>(new GetTrainingRun { RunId = runId }, Patience)).ReplyOrNone;

    private static RefusedException Refused(Decision decision) => new(decision.Rejection!);

    internal sealed class RefusedException(Rejection rejection) : Exception(rejection.Rule)
    {
        public Rejection Rejection => rejection;
    }
}
