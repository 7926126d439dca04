using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Terminal;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Training;

/// <summary>Trains on prepared tables as a run of this node, and fetches how the best model did on the test rows.</summary>
public sealed class OfflineTraining(RalmNode node, IProgressView view)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public async Task<TrainingSummary> Run(PreparedTables tables, TrainingConfig config, CancellationToken ct)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        view.Step("train");
        var run = await Train(tables.Data, config, ct);
        var evaluation = await Evaluation(tables.Data, run, ct);
        view.Finish();
        return new TrainingSummary(tables.Data, run, evaluation, tables.Took, tables.Took + watch.Elapsed);
    }

    private async Task<Evaluation> Evaluation(PreparedDatasetInfo data, TrainingRunReply run, CancellationToken ct)
    {
        var asked = new GetEvaluation { Family = data.Meta.Name, VersionId = run.RunId };
        try
        {
            return (await Service().Ask<EvaluatorKey, EvaluationReply>(asked, ct)).Evaluation;
        }
        catch (RefusedException e)
        {
            return new Evaluation { Reason = e.Message };
        }
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
                (double)run.Epochs.Count / Math.Max(1, run.Config.MaxEpochs),
                run.Status == RunStatus.Completed
                    ? "judging on the test rows"
                    : $"epoch {run.Epochs.Count}, validation AUC {best:F4}"
            );
            switch (run.Status)
            {
                case RunStatus.Completed when run.Registered:
                    return run;
                case RunStatus.Completed when run.NotRegistered.Length > 0:
                    throw new RunFailedException($"the registry refuses the version: {run.NotRegistered}");
                case RunStatus.Failed or RunStatus.Cancelled:
                    throw new RunFailedException($"training stopped: {run.Reason}");
            }

            await Task.Delay(Poll, ct);
        }
    }
}
