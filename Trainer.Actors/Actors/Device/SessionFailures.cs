using Ralm.Models.Artifacts;
using Ralm.Models.Native;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Schema;

namespace RalmActors.Trainer.Actors;

/// <summary>A message of a session that the device does not hold.</summary>
internal sealed class UnknownSessionException(string session)
    : Exception($"the trainer holds no session {session}: it started anew, or another session took its place");

/// <summary>What went wrong with a session, to those whom it concerns.</summary>
internal static class SessionFailures
{
    /// <summary>Would another attempt fail as well?</summary>
    public static bool IsFinal(Exception e) =>
        e
            is ArgumentException
                or InvalidDataException
                or FeatureException
                or ArtifactException
                or DivergedException
                or LibTorchException
                or FileNotFoundException
                or DirectoryNotFoundException
                // Of our own making: the same rows would bring it again.
                or ArithmeticException
                or IndexOutOfRangeException
                or NullReferenceException
                or InvalidCastException
                or NotSupportedException;

    /// <summary>Its lineage tells of a lost artefact: once, not whenever it looks for it again.</summary>
    public static bool IsArtifactLost(ILineageSessionCommand m, Exception e) =>
        m is OpenLineageSession && e is (ArtifactException or FeatureException);
}
