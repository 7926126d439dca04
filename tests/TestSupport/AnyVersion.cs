using Akka.Actor;
using RalmActors.Messages.Training;

namespace RalmActors.TestSupport;

/// <summary>In the registry's place where a spec is not about it: every version is there, with this artefact.</summary>
public sealed class AnyVersion(ArtifactRef artifact) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is CheckVersion asked)
        {
            Sender.Tell(
                new VersionCheckReply
                {
                    Family = asked.Family,
                    Version = new ModelVersion { VersionId = asked.VersionId, Artifact = artifact },
                }
            );
        }
        else
        {
            Unhandled(message);
        }
    }
}
