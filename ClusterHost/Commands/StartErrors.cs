using System.CommandLine;
using System.Data.Common;
using System.Text.Json;
using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.ClusterHost.Client;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.ClusterHost.Terminal;
using RalmActors.ClusterHost.Training;
using RalmActors.Messages.Entities;

namespace RalmActors.ClusterHost.Commands;

/// <summary>What the owner of a machine sees when a node cannot start: a line that says what to change.</summary>
public static class StartErrors
{
    public const int BadSettings = 2;
    public const int BadCommandLine = 2;
    public const int Failed = 1;

    /// <param name="json">Whoever asked for JSON gets one line of it, whatever happens.</param>
    public static async Task<int> InOneLine(Func<Task<int>> run, bool json)
    {
        try
        {
            return await run();
        }
        catch (SettingsException e)
        {
            foreach (var error in e.Errors)
            {
                Console.Error.WriteLine($"ralm: {error}");
            }

            Tell(string.Join("; ", e.Errors), json);
            return BadSettings;
        }
        catch (CommandLineException e)
        {
            Console.Error.WriteLine($"ralm: {e.Message}");
            Tell(e.Message, json);
            return BadCommandLine;
        }
        catch (Exception e)
        {
            var said = Explain(e);
            Console.Error.WriteLine($"ralm: {said}");
            Tell(said, json);
            return Failed;
        }
    }

    /// <summary>Says what is wrong with the command line, and where its options are listed.</summary>
    public static int Refuse(ParseResult parsed, bool json)
    {
        var said = parsed.Errors.Select(e => InWords(e.Message)).ToArray();
        foreach (var error in said)
        {
            Console.Error.WriteLine($"ralm: {error}");
        }

        var verb = parsed.CommandResult.Command is RootCommand ? "" : $"{parsed.CommandResult.Command.Name} ";
        Console.Error.WriteLine($"ralm: {verb}--help lists what there is");
        Tell(said[0], json);
        return BadCommandLine;
    }

    /// <summary>The parser names types of a program.</summary>
    private static string InWords(string error)
    {
        if (error.Split(" as expected type '") is not [var cannot, var type])
        {
            return error;
        }

        var kind =
            type.Contains("Int", StringComparison.Ordinal) ? "a whole number"
            : type.Contains("Double", StringComparison.Ordinal) ? "a number"
            : type.Contains("Boolean", StringComparison.Ordinal) ? "true or false"
            : "of another form";
        return $"{cannot.Replace("Cannot parse argument ", "", StringComparison.Ordinal)} must be {kind}";
    }

    /// <summary>The one line of JSON of a command that has failed.</summary>
    public static void Tell(string error, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { error }, JsonLine.Options));
        }
    }

    private static string Explain(Exception e) =>
        e switch
        {
            StartRefusedException => e.Message,
            DbException db => DatabaseFault.Explain(db, null),
            BadTableException or RunFailedException or RefusedException or TimeoutException => e.Message,
            InvalidDataException or ArtifactException or MissingEventException => e.Message,
            IOException or UnauthorizedAccessException => e.Message,
            AskTimeoutException => $"no answer in time: {e.Message}",
            OperationCanceledException => "stopped",
            AggregateException { InnerException: { } inner } => Explain(inner),
            _ => $"failed unforeseen: {e}",
        };
}
