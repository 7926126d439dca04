using Akka.Actor;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Akka.Persistence;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;

namespace RalmActors.Messages.Tests.Entities;

/// <summary>An actor system with a journal and a snapshot store that can be told to fail, and what to ask of them.</summary>
public abstract class ShelfTestKit : PersistenceTestKit
{
    protected const string Family = "city";
    protected const string PersistenceId = "shelf-city";
    protected static readonly TimeSpan Patience = Waiting.Patience;

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        base.ConfigureAkka(builder, provider);
        builder.WithRalmSerialization();
    }

    protected IActorRef Shelf(EntityOptions? options = null, TimeProvider? clock = null) =>
        Sys.ActorOf(ShelfActor.Props(Family, options, clock));

    protected async Task<IActorRef> Restarted(IActorRef shelf, EntityOptions? options = null)
    {
        await shelf.GracefulStop(Patience, StopEntity.Instance);
        return Shelf(options);
    }

    protected static Task<CommandReply> Ask(IActorRef shelf, ICommand command) =>
        shelf.Ask<CommandReply>(command, Patience);

    protected static Task<CommandReply> Register(
        IActorRef shelf,
        string versionId,
        string commandId,
        int padding = 0
    ) => Ask(shelf, Say.Register(Family, versionId, commandId, padding));

    protected static Task<RegistryReply> State(IActorRef shelf) =>
        shelf.Ask<RegistryReply>(new GetRegistry { Family = Family }, Patience);

    /// <summary>What the journal holds, read past the entity.</summary>
    protected async Task<IReadOnlyList<IEvent>> Journaled()
    {
        var journal = Persistence.Instance.Apply(Sys).JournalFor(string.Empty);
        var probe = CreateTestProbe();
        journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, PersistenceId, probe.Ref), probe.Ref);
        List<IEvent> events = [];
        while (true)
        {
            switch (await probe.ReceiveOneAsync(Patience))
            {
                case ReplayedMessage replayed:
                    events.AddRange(EventGroup.EventsOf((IWireMessage)replayed.Persistent.Payload));
                    break;
                case RecoverySuccess:
                    return events;
                case var other:
                    throw new InvalidOperationException($"{other}");
            }
        }
    }

    /// <summary>The newest snapshot, or <c>null</c>.</summary>
    protected async Task<SelectedSnapshot?> NewestSnapshot()
    {
        var store = Persistence.Instance.Apply(Sys).SnapshotStoreFor(string.Empty);
        var loaded = await store.Ask<LoadSnapshotResult>(
            new LoadSnapshot(PersistenceId, SnapshotSelectionCriteria.Latest, long.MaxValue),
            Patience
        );
        return loaded.Snapshot;
    }
}
