using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Domain.Data;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch;
using Serilog;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>train</c>: an offline run on tables of the owner's, registered where <c>up</c> finds it.</summary>
public static class TrainCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var data = new Option<string>("--data")
        {
            Description = "the dataset's description, a JSON file beside its tables",
            Required = true,
        };
        var seed = new Option<ulong>("--seed") { Description = "default 1", DefaultValueFactory = _ => 1 };
        var epochs = new Option<int>("--epochs") { Description = "at most; default 20", DefaultValueFactory = _ => 20 };
        var batch = new Option<int>("--batch") { Description = "default 512", DefaultValueFactory = _ => 512 };
        var badRows = new Option<int>("--max-bad-rows") { Description = "left out before giving up; default 0" };
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var command = new Command("train", "train on tables of your own") { data, seed, epochs, batch, badRows, json };
        command.SetAction(
            (parsed, ct) =>
                Run(
                    parsed.GetValue(data)!,
                    new TrainingConfig
                    {
                        Seed = parsed.GetValue(seed),
                        MaxEpochs = parsed.GetValue(epochs),
                        BatchSize = parsed.GetValue(batch),
                    },
                    new PreparationOptions(parsed.GetValue(badRows)),
                    parsed.GetValue(json),
                    ct
                )
        );
        return command;
    }

    private static async Task<int> Run(
        string description,
        TrainingConfig config,
        PreparationOptions options,
        bool json,
        CancellationToken ct
    )
    {
        var view = new DemoView();
        view.Step("prepare");
        var progress = new Progress<PreparationProgress>(p => view.Progress(0, $"{p.Step} {p.Rows:N0} rows"));
        var prepared = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(description))!, "prepared");
        var info = DatasetPreparation.Prepare(description, prepared, options, progress, ct);

        var settings = RalmSettings.Read(
            ProcessSettings.Written(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["Http:Urls"] = "http://127.0.0.1:0",
                }
            )
        );
        view.Step("train");
        await using var node = await RalmNode.Start(
            settings,
            ct,
            app => app.Services.AddSerilog(new LoggerConfiguration().CreateLogger(), dispose: true)
        );
        var run = await Train(new ServiceClient(node.Registry, TimeSpan.FromSeconds(60)), info, config, view, ct);
        view.Finish();

        var store = new ArtifactStore(settings.Storage.Models);
        var data = PreparedDataset.Open(info.Path);
        var test = ModelEvaluation.Run(
            store,
            run.Artifact,
            data,
            data.Rows(Split.Test).IsEmpty ? Split.Valid : Split.Test
        );
        Report(info, run, test, json);
        return 0;
    }

    private static async Task<TrainingRunReply> Train(
        ServiceClient service,
        PreparedDatasetInfo data,
        TrainingConfig config,
        DemoView view,
        CancellationToken ct
    )
    {
        // The same data and configuration are the same run: asked for again, its result is there.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(config.ToByteArray()))[..8];
        var runId = $"{data.Meta.Name}-{data.Meta.Hash[..8]}-{fingerprint}";
        await service.Tell<TrainingRunRegion>(
            new StartTraining
            {
                Header = new CommandHeader { CommandId = runId },
                RunId = runId,
                DatasetPath = data.Path,
                DatasetHash = data.Meta.Hash,
                Config = config,
                Family = data.Meta.Name,
            },
            ct
        );
        while (true)
        {
            var run = await service.Ask<TrainingRunRegion, TrainingRunReply>(new GetTrainingRun { RunId = runId }, ct);
            if (run.Phase is RunPhase.Failed or RunPhase.Cancelled)
            {
                throw new IOException($"run {runId}: {run.Reason}");
            }

            var best = run.Epochs.Count == 0 ? 0 : run.Epochs.Max(e => e.ValidAuc);
            var within = run.Progress is { BatchesPerEpoch: > 0 } p ? (double)p.Batch / p.BatchesPerEpoch : 0;
            view.Progress(
                (run.Epochs.Count + within) / Math.Max(1, config.MaxEpochs),
                $"{run.Epochs.Count} epochs, best validation AUC {best:F4}"
            );
            if (run is { Phase: RunPhase.Completed, Registered: true })
            {
                return run;
            }

            await Task.Delay(Poll, ct);
        }
    }

    private static void Report(PreparedDatasetInfo data, TrainingRunReply run, EvaluationReport test, bool json)
    {
        var m = data.Meta;
        if (json)
        {
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        Dataset = m,
                        BadRows = data.BadRows.Length,
                        Version = run.RunId,
                        Epochs = run.Epochs.Count,
                        run.Artifact.WeightsHash,
                        Test = test,
                    },
                    DemoSummary.SnakeCase
                )
            );
            return;
        }

        foreach (var bad in data.BadRows)
        {
            Console.Error.WriteLine($"left out: {bad}");
        }

        Console.WriteLine(
            $"""
            {m.Name}: {m.Train:N0} train, {m.Valid:N0} valid, {m.Test:N0} test rows, {m.Users:N0} users
            version {run.RunId}, {run.Epochs.Count} epochs, weights {run.Artifact.WeightsHash}
            test AUC {test.Auc:F4}, log loss {test.LogLoss:F4} (constant {test.ConstantLogLoss:F4}), calibration error {test.CalibrationError:F4}
            """
        );
    }
}
