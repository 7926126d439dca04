namespace RalmActors.Trainer.Domain.Schema;

/// <summary>Raw features that a schema cannot encode. The message names the feature.</summary>
public sealed class FeatureException : Exception
{
    public FeatureException(string message)
        : base(message) { }

    public FeatureException(string message, Exception inner)
        : base(message, inner) { }

    public FeatureException() { }
}
