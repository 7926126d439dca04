using Akka.Actor;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>A lineage starts from a version that is there: the registry is asked before the state decides.</summary>
public sealed partial class LineageActor
{
    /// <summary>It would be opened: not refused for what it says, and not what has been done already.</summary>
    private bool IsNew(OpenLineage c) =>
        State.Opened is null && c.Header is not null && Ids.IsValid(EntityId) && LineageRules.Check(c) is null;

    private void AskForVersion(OpenLineage c)
    {
        if (!_registry.TryGet<RegistryRegion>(out var versions))
        {
            AnswerUnavailable(c, Sender);
            return;
        }

        _openings++;
        var replyTo = Sender;
        _ = versions
            .AskFor<VersionCheckReply>(
                new CheckVersion { Family = c.Family, VersionId = c.VersionId },
                _options.VersionSilence
            )
            .PipeTo(Self, success: answer => new VersionKnown(c, replyTo, answer));
    }

    private void Open(VersionKnown known)
    {
        _openings--;
        var (c, replyTo) = (known.Command, known.ReplyTo);
        switch (known.Answer)
        {
            case Answer<VersionCheckReply>.Refused { Rejection: { Code: not RejectionCode.NotAvailable } rejection }:
                Execute(c, replyTo, (_, _) => Decision.Refuse(rejection));
                break;
            case Answer<VersionCheckReply>.Given { Reply: var found }:
                Execute(c, replyTo, (state, _) => state.Decide(c, found.Version.Artifact));
                break;
            default:
                AnswerUnavailable(c, replyTo);
                break;
        }
    }

    private sealed record VersionKnown(OpenLineage Command, IActorRef ReplyTo, Answer<VersionCheckReply> Answer)
        : INoSerializationVerificationNeeded;
}
