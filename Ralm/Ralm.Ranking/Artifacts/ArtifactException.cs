namespace Ralm.Ranking.Artifacts;

/// <summary>An artefact that must not be used: missing, cut short or changed. The message names file and hashes.</summary>
public sealed class ArtifactException : Exception
{
    public ArtifactException(string message)
        : base(message) { }

    public ArtifactException(string message, Exception inner)
        : base(message, inner) { }

    public ArtifactException() { }
}
