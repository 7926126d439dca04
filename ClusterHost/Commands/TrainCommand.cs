using System.CommandLine;
using Google.Protobuf;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;

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
        var badRows = new Option<int>("--max-bad-rows") { Description = "left out before giving up, default 0" };
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
                        parsed.GetValue(badRows)
                    ),
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
            var summary = await new OfflineTraining(node, new DemoView()).Run(options, folder, ct);
            if (report is not null)
            {
                var page = EvaluationHtml.Write(new EvaluationReply { Evaluation = summary.Evaluation });
                await File.WriteAllTextAsync(report, page, ct);
            }

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
    }
}
