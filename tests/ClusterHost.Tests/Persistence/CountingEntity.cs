using Akka.Actor;
using Akka.Persistence;
using RalmActors.Messages.Learning;

namespace RalmActors.ClusterHost.Tests.Persistence;

/// <summary>The smallest user of a journal: remembers how many profiles it was told, and the last one.</summary>
public sealed class CountingEntity : ReceivePersistentActor
{
    private int _count;

    public CountingEntity(string id)
    {
        PersistenceId = id;
        Recover<ProfileUpdated>(_ => _count++);
        Recover<SnapshotOffer>(offer => _count = (int)((UserSnapshot)offer.Snapshot).LastSeq);
        Command<ProfileUpdated>(e =>
        {
            var replyTo = Sender;
            Persist(
                e,
                _ =>
                {
                    _count++;
                    replyTo.Tell(_count);
                }
            );
        });
        Command<SaveSnapshotNow>(_ => SaveSnapshot(new UserSnapshot { LastSeq = _count }));
        Command<SaveSnapshotSuccess>(saved =>
        {
            DeleteMessages(saved.Metadata.SequenceNr);
            _snapshotAsker.Tell(saved.Metadata.SequenceNr);
        });
        Command<IActorRef>(asker => _snapshotAsker = asker);
        Command<string>(_ => Sender.Tell(_count));
        CommandAny(_ => { });
    }

    private IActorRef _snapshotAsker = ActorRefs.Nobody;

    public override string PersistenceId { get; }

    public sealed class SaveSnapshotNow : INoSerializationVerificationNeeded;
}
