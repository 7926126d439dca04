namespace RalmActors.ClusterHost.Commands;

/// <summary>What was asked for cannot be done as it was written. The message names the option, the value and the rule.</summary>
public sealed class BadCommandLineException : Exception
{
    public BadCommandLineException(string message)
        : base(message) { }

    public BadCommandLineException(string message, Exception inner)
        : base(message, inner) { }

    public BadCommandLineException() { }
}
