using System.Data.Common;
using RalmActors.ClusterHost.Demo;
using RalmActors.ClusterHost.Settings;
using RalmActors.Trainer.Data;

namespace RalmActors.ClusterHost.Commands;

/// <summary>What the owner of a machine sees when a node cannot start: a line that says what to change.</summary>
public static class StartErrors
{
    public const int BadSettings = 2;
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
        catch (Exception e) when (Explain(e) is { } line)
        {
            Console.Error.WriteLine($"ralm: {line}");
            return Failed;
        }
    }

    private static string? Explain(Exception e) =>
        e switch
        {
            DbException => $"the database cannot be used: {e.Message}",
            BadTableException or RefusedException or TimeoutException => e.Message,
            IOException or UnauthorizedAccessException => e.Message,
            OperationCanceledException => "stopped",
            AggregateException { InnerException: { } inner } => Explain(inner),
            _ => null,
        };
}
