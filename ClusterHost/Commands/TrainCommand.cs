using System.CommandLine;
using Ralm.Datasets.Files;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Reports;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
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
        var seed = new Option<int?>("--seed") { Description = "default 42" };
        var epochs = new Option<int?>("--epochs") { Description = "of the ranking, at most; default 20" };
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
                    new TablesOptions(
                        parsed.GetValue(data)!,
                        new PreparationOptions(parsed.GetValue(badRows), Report: parsed.GetValue(tableReport))
                    ),
                    TrainingChoices.Of(
                        parsed.GetValue(config) is { } file
                            ? JsonFile.Read<TrainingConfig>(file)
                            : new TrainingConfig(),
                        parsed.GetValue(model),
                        parsed.GetValue(seed),
                        parsed.GetValue(epochs)
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

    private static async Task<int> Run(
        TablesOptions options,
        TrainingConfig config,
        int? folds,
        bool json,
        string? keep,
        string? report,
        CancellationToken ct
    )
    {
        using var folder = new WorkFolder(keep, "train");
        var view = new ProgressView();
        CheckWritable(report);
        if (folds is { } number)
        {
            var parts = await folder.Alone(path => CrossValidation.Prepare(options, number, path, view, ct));
            await using var nodeOfAll = await folder.Start(ct);
            var found = await new CrossValidation(new OfflineTraining(nodeOfAll, view)).Run(parts, config, Each, ct);
            Console.WriteLine(json ? found.ToJson() : found);
            return 0;
        }

        var tables = await folder.Alone(path =>
            PreparedTables.Prepare(options, Path.Combine(path, "prepared"), view, ct)
        );
        await using var node = await folder.Start(ct);
        var summary = await new OfflineTraining(node, view).Run(tables, config, ct);
        Page(report, summary);
        Console.WriteLine(json ? summary.ToJson() : summary);
        return 0;

        void Each(int fold, TrainingSummary summary)
        {
            Page(report is null ? null : Path.ChangeExtension(report, $"{fold}{Path.GetExtension(report)}"), summary);
            if (!json)
            {
                Console.WriteLine(FoldsSummary.Line(fold, summary));
            }
        }
    }

    /// <summary>Found out before the training, not after it.</summary>
    private static void CheckWritable(string? file)
    {
        if (file is null)
        {
            return;
        }

        if (Directory.Exists(file))
        {
            throw new CommandLineException($"--report {file} must be a file for the page; it is a folder");
        }

        try
        {
            WritableFile.Check(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunFailedException($"--report {file}: the page cannot be written there: {e.Message}", e);
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
