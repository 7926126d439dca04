namespace RalmActors.ClusterHost.Settings;

/// <summary>What was asked for cannot be done as it was written. The message names the option, the value and the rule.</summary>
public sealed class CommandLineException : Exception
{
    public CommandLineException(string message)
        : base(message) { }

    public CommandLineException(string message, Exception inner)
        : base(message, inner) { }

    public CommandLineException() { }
}
