using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;

namespace RalmActors.ClusterHost.Training;

/// <summary>What to train on and how.</summary>
/// <param name="Data">A description (dataset.json), or the folder that holds it.</param>
/// <param name="Preparation">How strict to be with the tables.</param>
public sealed record OfflineTrainingOptions(string Data, TrainingConfig Config, PreparationOptions Preparation);

/// <summary>Prepares tables, trains on them as a run of this node, and fetches how the best model did on the test rows.</summary>
public sealed class OfflineTraining(RalmNode node, IDemoView view)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public async Task<TrainingSummary> Run(OfflineTrainingOptions options, string workFolder, CancellationToken ct)
    {
        view.Step("prepare");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var data = Prepare(options.Data, options.Preparation, workFolder, view, ct);
        var prepared = watch.Elapsed;
        view.Step("train");
        var run = await Train(data, options.Config, ct);
        var evaluation = await Evaluation(data, run, ct);
        view.Finish();
        return new TrainingSummary(data, run, evaluation, prepared, watch.Elapsed);
    }

    /// <summary>
    /// Prepares the tables of a description, or of the folder that holds it. The report is put beside the description
    /// where no other place is named: the work folder may not outlive the command.
    /// </summary>
    internal static PreparedDatasetInfo Prepare(
        string data,
        PreparationOptions preparation,
        string workFolder,
        IDemoView view,
        CancellationToken ct
    ) =>
        DatasetPreparation.Prepare(
            Description(data),
            Path.Combine(workFolder, "prepared"),
            preparation with
            {
                Report = preparation.Report ?? Path.ChangeExtension(Description(data), ".report.json"),
            },
            new Rows(view),
            ct
        );

    private async Task<Evaluation> Evaluation(PreparedDatasetInfo data, TrainingRunReply run, CancellationToken ct)
    {
        var asked = new GetEvaluation { Family = data.Meta.Name, VersionId = run.RunId };
        var reply = await Service().Ask<EvaluatorKey, EvaluationReply>(asked, ct);
        return reply.Evaluation ?? new Evaluation { Reason = reply.Rejection?.Rule ?? "no answer" };
    }

    private ServiceClient Service() => new(new RegionTransport(node.Registry), Deadline);

    private async Task<TrainingRunReply> Train(PreparedDatasetInfo data, TrainingConfig config, CancellationToken ct)
    {
        var service = Service();
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = $"train-{data.Meta.Hash[..16]}" },
            RunId = $"{data.Meta.Name}-{data.Meta.Hash[..16]}",
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = data.Meta.Name,
            Config = config,
        };
        await service.Tell<TrainingRunRegion>(start, ct);
        while (true)
        {
            var run = await service.Ask<TrainingRunRegion, TrainingRunReply>(
                new GetTrainingRun { RunId = start.RunId },
                ct
            );
            var best = run.Epochs.Count == 0 ? 0 : run.Epochs.Max(e => e.ValidAuc);
            view.Progress(
                (double)run.Epochs.Count / Math.Max(1, config.MaxEpochs),
                run.Phase == RunPhase.Completed
                    ? "judging on the test rows"
                    : $"epoch {run.Epochs.Count}, validation AUC {best:F4}"
            );
            switch (run.Phase)
            {
                case RunPhase.Completed when run.Registered:
                    return run;
                case RunPhase.Failed or RunPhase.Cancelled:
                    throw new BadTableException($"training stopped: {run.Reason}");
            }

            await Task.Delay(Poll, ct);
        }
    }

    private static string Description(string path) =>
        Directory.Exists(path) ? Path.Combine(path, "dataset.json") : path;

    private sealed class Rows(IDemoView view) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => view.Progress(0, $"{value.Step}, {value.Rows:N0} rows");
    }
}
