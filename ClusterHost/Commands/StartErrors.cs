using System.Data.Common;
using Akka.Actor;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Node;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Data;
using RalmActors.Trainer.Storage;

namespace RalmActors.ClusterHost.Commands;

/// <summary>What the owner of a machine sees when a node cannot start: a line that says what to change.</summary>
public static class StartErrors
{
    public const int BadSettings = 2;
    public const int BadCommandLine = 2;
    public const int Failed = 1;

    public static async Task<int> InOneLine(Func<Task<int>> run)
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

            return BadSettings;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"ralm: {Explain(e)}");
            return Failed;
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
