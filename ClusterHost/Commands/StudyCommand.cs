using System.CommandLine;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>study</c>: a hyper-parameter search on tables of the owner's, on a node of its own that ends with it.</summary>
public static class StudyCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "dataset.json, or its folder", Required = true };
        var space = new Option<FileInfo>("--space")
        {
            Description = "StudyDefinition as JSON, without the dataset (docs/studies.md)",
            Required = true,
        };
        var trials = new Option<int?>("--trials") { Description = "in place of the space's" };
        var parallel = new Option<int?>("--parallel") { Description = "trials at once, in place of the space's" };
        var seed = new Option<int>("--seed") { Description = "default 42", DefaultValueFactory = _ => 42 };
        var (badRows, tableReport) = (PreparationFlags.MaxBadRows(), PreparationFlags.TableReport());
        var json = new Option<bool>("--json") { Description = "the result as one line of JSON" };
        var keep = new Option<string?>("--keep")
        {
            Description = "folder for models and journal; the same command goes on there",
        };
        var command = new Command("study", "search the hyper-parameters for tables of your own")
        {
            data,
            space,
            trials,
            parallel,
            seed,
            badRows,
            tableReport,
            json,
            keep,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var definition = JsonFile.Read<StudyDefinition>(parsed.GetValue(space)!.FullName);
                definition.Trials = parsed.GetValue(trials) ?? definition.Trials;
                definition.MaxParallel = parsed.GetValue(parallel) ?? definition.MaxParallel;
                var drawn = parsed.GetValue(seed);
                definition.RandomSeed =
                    drawn >= 0 ? (ulong)drawn : throw new CommandLineException($"--seed \"{drawn}\" must be 0 or more");
                return Run(
                    new TablesOptions(
                        parsed.GetValue(data)!,
                        new PreparationOptions(parsed.GetValue(badRows), Report: parsed.GetValue(tableReport))
                    ),
                    definition,
                    parsed.GetValue(json),
                    parsed.GetValue(keep),
                    ct
                );
            }
        );
        return command;
    }

    private static async Task<int> Run(
        TablesOptions options,
        StudyDefinition space,
        bool json,
        string? keep,
        CancellationToken ct
    )
    {
        using var folder = new WorkFolder(keep, "study");
        try
        {
            var view = new ProgressView();
            var tables = await folder.Alone(path =>
                PreparedTables.Prepare(options, Path.Combine(path, "prepared"), view, ct)
            );
            await using var node = await folder.Start(ct);
            var summary = await new StudySearch(node, view).Run(tables, space, ct);
            Console.WriteLine(json ? summary.ToJson() : summary);
            return 0;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            var next = keep is null ? "with --keep FOLDER it can be taken up again" : "the same command goes on";
            Console.Error.WriteLine($"\nralm: stopped; {next}");
            StartErrors.Tell($"stopped; {next}", json);
            return StartErrors.Failed;
        }
    }
}
