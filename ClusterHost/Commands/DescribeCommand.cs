using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ralm.Datasets.Drafts;
using Ralm.Datasets.Preparation;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Commands;

/// <summary><c>describe</c>: a draft of the description of a folder of tables, with every guess named.</summary>
public static class DescribeCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "folder of tables", Required = true };
        var to = new Option<string?>("--to") { Description = "new file for the draft; default: it is printed" };
        var json = new Option<bool>("--json") { Description = "draft and guesses as one line of JSON" };
        var command = new Command("describe", "draft a dataset.json for the tables in a folder") { data, to, json };
        command.SetAction(
            async (parsed, ct) =>
            {
                var file = parsed.GetValue(to);
                if (File.Exists(file))
                {
                    throw new CommandLineException($"--to {file}: exists already; a draft replaces nothing");
                }

                var draft = await Task.Run(() => DescriptionDraft.Of(parsed.GetValue(data)!, ct), ct);
                if (file is not null)
                {
                    await File.WriteAllTextAsync(file, draft.Json + Environment.NewLine, ct);
                }

                Console.WriteLine(parsed.GetValue(json) ? Line(draft) : Text(draft, file));
                return 0;
            }
        );
        return command;
    }

    private static string Text(DescriptionDraft draft, string? file)
    {
        var guesses = $"guessed, to be looked at:\n{string.Join('\n', draft.Guesses.Select(g => $"  {g}"))}";
        return file is null ? $"{draft.Json}\n\n{guesses}" : $"{guesses}\n\ndraft: {file}";
    }

    private static string Line(DescriptionDraft draft) =>
        JsonSerializer.Serialize(
            new { description = JsonNode.Parse(draft.Json), guesses = draft.Guesses },
            JsonLine.Options
        );
}
