using System.Data.Common;
using System.Text.Json;
using Akka.Actor;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
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
        catch (BadCommandLineException e)
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

    /// <summary>The one line of JSON of a command that has failed.</summary>
    public static void Tell(string error, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { error }, DemoSummary.SnakeCase));
        }
    }

    private static string Explain(Exception e) =>
        e switch
        {
            StartRefusedException => e.Message,
            DbException db => DatabaseFault.Explain(db, null),
            BadTableException or RefusedException or TimeoutException => e.Message,
            InvalidDataException or ArtifactException or MissingEventException => e.Message,
            IOException or UnauthorizedAccessException => e.Message,
            AskTimeoutException => $"no answer in time: {e.Message}",
            OperationCanceledException => "stopped",
            AggregateException { InnerException: { } inner } => Explain(inner),
            _ => $"failed unforeseen: {e}",
        };
}
