using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>A lineage starts from a version that is there: the registry is asked before the state decides.</summary>
/// <param name="registry">Has the region that knows versions.</param>
/// <param name="silence">Of that region, after which the lineage cannot be opened now.</param>
internal sealed class LineageOpening(IReadOnlyActorRegistry registry, TimeSpan silence, IActorRef self)
{
    private int _asked;

    /// <summary>Somebody waits for the answer.</summary>
    public bool IsBusy => _asked > 0;

    /// <returns>Whether somebody could be asked; then <see cref="VersionKnown"/> comes.</returns>
    public bool AskForVersion(OpenLineage c, IActorRef replyTo)
    {
        if (!registry.TryGet<RegistryRegion>(out var versions))
        {
            return false;
        }

        _asked++;
        _ = versions
            .AskFor<VersionCheckReply>(new CheckVersion { Family = c.Family, VersionId = c.VersionId }, silence)
            .PipeTo(self, success: answer => new VersionKnown(c, replyTo, answer));
        return true;
    }

    public void Answered() => _asked--;
}

/// <summary>What the registry has said of the version that a lineage is to start from.</summary>
internal sealed record VersionKnown(OpenLineage Command, IActorRef ReplyTo, Answer<VersionCheckReply> Answer)
    : INoSerializationVerificationNeeded;
