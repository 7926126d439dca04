using System.CommandLine;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Terminal;
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
        var small = new Option<bool>("--small")
        {
            Description = "a smaller city, in half the time; its evening may end before there is a winner",
        };
        var json = new Option<bool>("--json") { Description = "the summary as one line of JSON" };
        var keep = new Option<string?>("--keep")
        {
            Description = "folder for tables, models and journal, to look at later",
        };
        var through = new Option<Uri?>("--through")
        {
            Description = "address of the edge of a new, empty cluster to play against, instead of a node of its own",
            CustomParser = result =>
            {
                if (
                    Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri)
                    && uri.Scheme is "http" or "https"
                )
                {
                    return uri;
                }

                result.AddError(
                    $"--through \"{result.Tokens[0].Value}\" must be an address such as http://127.0.0.1:8080"
                );
                return null;
            },
        };
        var command = new Command("demo", "the whole loop once, on a simulated city")
        {
            seed,
            small,
            json,
            keep,
            through,
        };
        command.SetAction(
            (parsed, ct) =>
            {
                var size = parsed.GetValue(small) ? DemoOptions.Small : new DemoOptions();
                var options = size with { Seed = parsed.GetValue(seed) };
                return parsed.GetValue(through) is { } edge
                    ? Play(options, _ => Task.FromResult(DemoPlace.Through(edge, options)), parsed.GetValue(json), ct)
                    : PlayOnOwnNode(options, parsed.GetValue(json), parsed.GetValue(keep), ct);
            }
        );
        return command;
    }

    private static async Task<int> Play(
        DemoOptions options,
        Func<IProgressView, Task<DemoPlace>> open,
        bool json,
        CancellationToken ct
    )
    {
        var view = new ProgressView();
        await using var place = await open(view);
        var summary = await new DemoRunner(options, place, view).Run(ct);
        if (json)
        {
            Console.WriteLine(summary.ToJson());
        }
        else
        {
            DemoScreen.Show(summary, AnsiConsole.Console);
        }

        return summary is { Replays: true, SamplesLost: 0, SamplesDoubled: 0 } ? 0 : StartErrors.Failed;
    }

    private static async Task<int> PlayOnOwnNode(DemoOptions options, bool json, string? keep, CancellationToken ct)
    {
        var folder = keep ?? Directory.CreateTempSubdirectory("ralm-demo-").FullName;
        try
        {
            return await Play(
                options,
                view =>
                {
                    view.Step("start a node");
                    return DemoPlace.OwnNode(options, folder, ct);
                },
                json,
                ct
            );
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
