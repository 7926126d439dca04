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
            .Ask<VersionCheckReply>(
                new CheckVersion { Family = c.Family, VersionId = c.VersionId },
                _options.VersionSilence
            )
            .PipeTo(
                Self,
                success: reply => new VersionKnown(c, replyTo, reply),
                failure: _ => new VersionKnown(c, replyTo, null)
            );
    }

    private void Open(VersionKnown known)
    {
        _openings--;
        var (c, replyTo) = (known.Command, known.ReplyTo);
        switch (known.Reply)
        {
            case null or { Rejection.Code: RejectionCode.NotAvailable }:
                AnswerUnavailable(c, replyTo);
                break;
            case { Rejection: { } rejection }:
                Execute(c, replyTo, (_, _) => new Decision([], rejection));
                break;
            case var found:
                Execute(c, replyTo, (state, _) => state.Decide(c, found.Version.Artifact));
                break;
        }
    }

    /// <param name="Reply">Null: the registry was silent.</param>
    private sealed record VersionKnown(OpenLineage Command, IActorRef ReplyTo, VersionCheckReply? Reply)
        : INoSerializationVerificationNeeded;
}
