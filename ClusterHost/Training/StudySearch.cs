using System.Security.Cryptography;
using Google.Protobuf;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Training;

/// <summary>
/// Searches on prepared tables as a study of this node, and fetches how the best model did on the test rows. The study's id
/// follows from its definition: the same search on the same folder goes on where it was.
/// </summary>
public sealed class StudySearch(RalmNode node, IProgressView view)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly ServiceClient _service = new(new RegionTransport(node.Registry), Deadline);

    /// <param name="space">Without the dataset.</param>
    public async Task<StudySummary> Run(PreparedTables tables, StudyDefinition space, CancellationToken ct)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        view.Step("search");
        var study = await Search(tables.Data, space, ct);
        view.Step("judge on the test rows");
        var heldOut = await Evaluation(study, ct);
        view.Finish();
        return new StudySummary(tables.Data, study, heldOut, tables.Took + watch.Elapsed);
    }

    /// <summary>The study has its best version judged; this waits for it, or for why it cannot be.</summary>
    private async Task<Evaluation> Evaluation(StudyReply study, CancellationToken ct)
    {
        var of = study.Definition;
        var asked = new GetEvaluation
        {
            Family = of.Family,
            VersionId = of.VersionId,
            DatasetHash = of.DatasetHash,
        };
        while (true)
        {
            study = await _service.Ask<StudyRegion, StudyReply>(new GetStudy { StudyId = study.StudyId }, ct);
            if (!study.Registered || study.NotEvaluated.Length > 0)
            {
                return new Evaluation { Reason = study.Registered ? study.NotEvaluated : study.Reason };
            }

            if (await Look<EvaluatorKey, EvaluationReply>(asked, ct) is { Evaluation: { } judged })
            {
                return judged;
            }

            if (await Failed(of, ct) is { } failed)
            {
                return new Evaluation { Reason = failed };
            }

            await Task.Delay(Poll, ct);
        }
    }

    private async Task<string?> Failed(StudyDefinition of, CancellationToken ct)
    {
        var family = new GetEvaluations { Family = of.Family };
        var asked = await Look<EvaluationRegion, EvaluationsReply>(family, ct);
        return asked
            ?.Evaluations.FirstOrDefault(e =>
                e.VersionId == of.VersionId
                && e.DatasetHash == of.DatasetHash
                && e.Status == EvaluationStatus.EvaluationFailed
            )
            ?.Reason;
    }

    /// <summary>Null while there is nothing yet.</summary>
    private async Task<TReply?> Look<TRegion, TReply>(IWireMessage query, CancellationToken ct)
        where TReply : class =>
        await new RegionTransport(node.Registry).Send(typeof(TRegion), query, ct)
            is Answer<IWireMessage>.Given { Reply: TReply reply }
            ? reply
            : null;

    private async Task<StudyReply> Search(PreparedDatasetInfo data, StudyDefinition space, CancellationToken ct)
    {
        var definition = space.Clone();
        definition.DatasetPath = data.Path;
        definition.DatasetHash = data.Meta.Hash;
        definition.Family = data.Meta.Name;
        var id = $"{data.Meta.Name}-{Convert.ToHexStringLower(SHA256.HashData(definition.ToByteArray()))[..16]}";
        var start = new StartStudy
        {
            Header = new CommandHeader { CommandId = $"study-{id}" },
            StudyId = id,
            Definition = definition,
        };
        await _service.Tell<StudyRegion>(start, ct);
        while (true)
        {
            var study = await _service.Ask<StudyRegion, StudyReply>(new GetStudy { StudyId = id }, ct);
            var closed = study.Completed + study.Pruned + study.Failed;
            view.Progress(
                (double)closed / study.Definition.Trials,
                $"{closed} of {study.Definition.Trials} trials, {study.Pruned} pruned, {study.Failed} failed, "
                    + (
                        study.Best is { } best
                            ? $"best {best.Value:F4} (trial {best.Number})"
                            : $"{study.Epochs} epochs"
                    )
            );
            switch (study.Status)
            {
                case StudyStatus.SearchCompleted when study.Running == 0 && (study.Registered || study.Reason != ""):
                    return study;
                case StudyStatus.SearchFailed or StudyStatus.SearchCancelled:
                    throw new RunFailedException($"the search stopped: {study.Reason}");
            }

            await Task.Delay(Poll, ct);
        }
    }
}
