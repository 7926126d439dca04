using System.Security.Cryptography;
using Google.Protobuf;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;

namespace RalmActors.ClusterHost.Training;

/// <summary>What to search on and how.</summary>
/// <param name="Data">A description (dataset.json), or the folder that holds it.</param>
/// <param name="Definition">Without the dataset.</param>
/// <param name="Preparation">How strict to be with the tables.</param>
public sealed record StudySearchOptions(string Data, StudyDefinition Definition, PreparationOptions Preparation);

/// <summary>
/// Prepares tables, searches on them as a study of this node, and measures the best model on the test rows. The study's id
/// follows from its definition: the same search on the same folder goes on where it was.
/// </summary>
public sealed class StudySearch(RalmNode node, IDemoView view)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public async Task<StudySummary> Run(StudySearchOptions options, string workFolder, CancellationToken ct)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        view.Step("prepare");
        var data = OfflineTraining.Prepare(options.Data, options.Preparation, workFolder, view, ct);
        view.Step("search");
        var study = await Search(data, options.Definition, ct);
        view.Step("measure on the test rows");
        var artifact = new ArtifactStore(node.Settings.Storage.Models).Load(study.Best.End.Artifact);
        var test = OfflineEvaluation.Of(artifact, PreparedDataset.Open(data.Path), node.Settings.Trainer.Device);
        view.Finish();
        return new StudySummary(data, study, test, watch.Elapsed);
    }

    private async Task<StudyReply> Search(PreparedDatasetInfo data, StudyDefinition space, CancellationToken ct)
    {
        var service = new ServiceClient(new RegionTransport(node.Registry), Deadline);
        var definition = space.Clone();
        definition.DatasetPath = data.Path;
        definition.DatasetHash = data.Meta.Hash;
        definition.Family = data.Meta.Name;
        var id = $"{data.Meta.Name}-{Convert.ToHexStringLower(SHA256.HashData(definition.ToByteArray()))[..16]}";
        await Start(service, id, definition, ct);
        while (true)
        {
            var study = await service.Ask<StudyRegion, StudyReply>(new GetStudy { StudyId = id }, ct);
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
            switch (study.Phase)
            {
                case StudyPhase.SearchCompleted when study.Running == 0 && (study.Registered || study.Reason != ""):
                    return study;
                case StudyPhase.SearchFailed or StudyPhase.SearchCancelled:
                    throw new BadTableException($"the search stopped: {study.Reason}");
            }

            await Task.Delay(Poll, ct);
        }
    }

    private static async Task Start(ServiceClient service, string id, StudyDefinition definition, CancellationToken ct)
    {
        try
        {
            var start = new StartStudy
            {
                Header = new CommandHeader { CommandId = $"study-{id}" },
                StudyId = id,
                Definition = definition,
            };
            await service.Tell<StudyRegion>(start, ct);
        }
        catch (InvalidOperationException refused)
        {
            throw new BadTableException(refused.Message, refused);
        }
    }
}
