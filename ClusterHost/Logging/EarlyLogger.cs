using Akka.Event;

namespace RalmActors.ClusterHost.Logging;

/// <summary>
/// What Akka says before the real loggers run and after they have stopped. Standard output belongs to the program, so it
/// goes to standard error, and only from warnings up.
/// </summary>
public sealed class EarlyLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        if (message is LogEvent log && log.LogLevel() >= Akka.Event.LogLevel.WarningLevel)
        {
            Console.Error.WriteLine($"{log.LogLevel()} {log.LogSource}: {log.Message}");
        }
    }
}
