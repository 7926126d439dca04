using System.CommandLine;
using RalmActors.ClusterHost.Demo;
using Spectre.Console;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>demo</c>: the whole loop once, on a simulated city.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        var seed = new Option<int>("--seed")
        {
            Description = "which city is played, default 42",
            DefaultValueFactory = _ => 42,
        };
        var json = new Option<bool>("--json") { Description = "the summary as one line of JSON" };
        var keep = new Option<string?>("--keep")
        {
            Description = "folder for tables, models and journal, to look at later",
        };
        var command = new Command("demo", "the whole loop once, on a simulated city") { seed, json, keep };
        command.SetAction(
            (parsed, ct) =>
                Run(new DemoOptions { Seed = parsed.GetValue(seed) }, parsed.GetValue(json), parsed.GetValue(keep), ct)
        );
        return command;
    }

    private static async Task<int> Run(DemoOptions options, bool json, string? keep, CancellationToken ct)
    {
        var folder = keep ?? Directory.CreateTempSubdirectory("ralm-demo-").FullName;
        try
        {
            var summary = await new DemoRunner(options, folder, new DemoView()).Run(ct);
            if (json)
            {
                Console.WriteLine(summary.ToJson());
            }
            else
            {
                DemoView.Show(summary, AnsiConsole.Console);
            }

            return summary is { Replays: true, SamplesLost: 0, SamplesDoubled: 0 } ? 0 : StartErrors.Failed;
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
