using System.CommandLine;
using Google.Protobuf;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Data;

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
                var definition = Read(parsed.GetValue(space)!);
                definition.Trials = parsed.GetValue(trials) ?? definition.Trials;
                definition.MaxParallel = parsed.GetValue(parallel) ?? definition.MaxParallel;
                definition.Seed = (ulong)parsed.GetValue(seed);
                return Run(
                    new StudySearchOptions(
                        parsed.GetValue(data)!,
                        definition,
                        new PreparationOptions(parsed.GetValue(badRows), Report: parsed.GetValue(tableReport))
                    ),
                    parsed.GetValue(json),
                    parsed.GetValue(keep),
                    ct
                );
            }
        );
        return command;
    }

    private static StudyDefinition Read(FileInfo file)
    {
        try
        {
            return StudyDefinition.Parser.ParseJson(File.ReadAllText(file.FullName));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new BadTableException($"{file.Name}: {e.Message}", e);
        }
    }

    private static async Task<int> Run(StudySearchOptions options, bool json, string? keep, CancellationToken ct)
    {
        var folder = keep ?? Directory.CreateTempSubdirectory("ralm-study-").FullName;
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
            var summary = await new StudySearch(node, new DemoView()).Run(options, folder, ct);
            Console.WriteLine(json ? summary.ToJson() : summary);
            return 0;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            var next = keep is null ? "with --keep FOLDER it can be taken up again" : "the same command goes on";
            Console.Error.WriteLine($"\nralm: stopped; {next}");
            return StartErrors.Failed;
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
