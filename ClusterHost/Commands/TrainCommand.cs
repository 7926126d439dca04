using System.CommandLine;
using Google.Protobuf;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>train</c>: an offline run on tables of the owner's, on a node of its own that ends with it.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "dataset.json, or its folder", Required = true };
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var seed = new Option<int>("--seed") { Description = "default 42", DefaultValueFactory = _ => 42 };
        var epochs = new Option<int>("--epochs") { Description = "at most, default 20", DefaultValueFactory = _ => 20 };
        var (badRows, tableReport) = (PreparationFlags.MaxBadRows(), PreparationFlags.TableReport());
        var folds = new Option<int?>("--folds")
        {
            Description = "cross-validation: so many runs, each tested on another part of the rows",
        };
        var keep = new Option<string?>("--keep") { Description = "folder for model and journal, to look at later" };
        var model = new Option<string?>("--model") { Description = "default Ralm" };
        var config = new Option<string?>("--config")
        {
            Description = "JSON of a TrainingConfig; other options go first",
        };
        var report = new Option<string?>("--report") { Description = "file for the evaluation as a page" };
        var command = new Command("train", "train on tables of your own")
        {
            data,
            model,
            config,
            json,
            seed,
            epochs,
            badRows,
            tableReport,
            folds,
            keep,
            report,
        };
        command.SetAction(
            (parsed, ct) =>
                Run(
                    new OfflineTrainingOptions(
                        parsed.GetValue(data)!,
                        Config(
                            parsed.GetValue(config),
                            parsed.GetValue(model),
                            parsed.GetValue(seed),
                            parsed.GetValue(epochs)
                        ),
                        new PreparationOptions(parsed.GetValue(badRows), Report: parsed.GetValue(tableReport))
                    ),
                    parsed.GetValue(folds),
                    parsed.GetValue(json),
                    parsed.GetValue(keep),
                    parsed.GetValue(report),
                    ct
                )
        );
        return command;
    }

    private static TrainingConfig Config(string? file, string? model, int seed, int epochs)
    {
        var config = file is null
            ? new TrainingConfig()
            : JsonParser.Default.Parse<TrainingConfig>(File.ReadAllText(file));
        var given = new TrainingConfig { Seed = (ulong)seed, MaxEpochs = epochs };
        if (model is not null)
        {
            given.Model = new ModelConfig { Model = model };
        }

        config.MergeFrom(given);
        return config;
    }

    private static async Task<int> Run(
        OfflineTrainingOptions options,
        int? folds,
        bool json,
        string? keep,
        string? report,
        CancellationToken ct
    )
    {
        var folder = keep ?? Directory.CreateTempSubdirectory("ralm-train-").FullName;
        try
        {
            var settings = RalmSettings.Read(
                ProcessSettings.Written(
                    new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                    {
                        ["Node:DataPath"] = folder,
                        ["Http:Urls"] = "http://127.0.0.1:0",
                        ["Logging:Level"] = "error",
                    }
                )
            );
            await using var node = await RalmNode.Start(settings, ct);
            var training = new OfflineTraining(node, new DemoView());
            if (folds is { } parts)
            {
                var found = await new CrossValidation(training).Run(options, parts, folder, Each, ct);
                Console.WriteLine(json ? found.ToJson() : found);
                return 0;
            }

            var summary = await training.Run(options, folder, ct);
            Page(report, summary);
            Console.WriteLine(json ? summary.ToJson() : summary);
            return 0;
        }
        finally
        {
            if (keep is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        void Each(int fold, TrainingSummary summary)
        {
            Page(report is null ? null : Path.ChangeExtension(report, $"{fold}{Path.GetExtension(report)}"), summary);
            if (!json)
            {
                Console.WriteLine(FoldsSummary.Line(fold, summary));
            }
        }
    }

    private static void Page(string? file, TrainingSummary summary)
    {
        if (file is not null)
        {
            File.WriteAllText(file, EvaluationHtml.Write(new EvaluationReply { Evaluation = summary.Evaluation }));
        }
    }
}
