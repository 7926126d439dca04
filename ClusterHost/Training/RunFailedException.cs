namespace RalmActors.ClusterHost.Training;

/// <summary>A run or a search has ended without what it was begun for; the message says why.</summary>
public sealed class RunFailedException : Exception
{
    public RunFailedException(string message)
        : base(message) { }

    public RunFailedException(string message, Exception inner)
        : base(message, inner) { }

    public RunFailedException() { }
}
