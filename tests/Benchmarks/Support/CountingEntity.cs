using Akka.Actor;
using Akka.Persistence;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Benchmarks.Support;

/// <summary>
/// The cheapest entity there can be: it counts. What is measured is then the shell, the region and the journal.
/// </summary>
public sealed record CountingState(long Count) : IEntityState<CountingState>
{
    public static CountingState Empty(string entityId) => new(0);

    public static CountingState FromSnapshot(string entityId, IWireMessage snapshot) =>
        new(((RegistrySnapshot)snapshot).Versions.Count);

    /// <summary>One event, or as many as the command's bytes field says: a batch per command.</summary>
    public Decision Decide(ICommand command, DateTimeOffset now)
    {
        var register = (RegisterVersion)command;
        var count = (int)(register.Artifact?.Bytes ?? 1);
        return count <= 1
            ? Decision.Accept(Event(register))
            : new Decision([.. Enumerable.Repeat(register, count).Select(Event)]);
    }

    private static IEvent Event(RegisterVersion c) => new VersionRegistered { ProducedBy = c.ProducedBy };

    public CountingState Apply(IEvent e) => new(Count + 1);

    public IWireMessage Answer(IQuery query) => new CommandReply { SequenceNr = Count };

    public IWireMessage ToSnapshot() => new RegistrySnapshot();
}

public sealed class CountingActor(string id) : EntityActor<CountingState>("bench", id, NoSnapshots, TimeProvider.System)
{
    private static readonly EntityOptions NoSnapshots = new()
    {
        SnapshotEvery = 1_000_000_000,
        SnapshotBytes = long.MaxValue,
    };

    /// <summary>A registration of the size of a typical event: about 200 bytes with its header.</summary>
    public static RegisterVersion Command(string entity, string id, int events = 1) =>
        new()
        {
            Header = new CommandHeader { CommandId = id },
            Family = entity,
            ProducedBy = Payload,
            Artifact = new ArtifactRef { Bytes = events },
        };

    private static readonly string Payload = new('x', 140);
}

/// <summary>Answers every message at once: the ceiling of an ask.</summary>
public sealed class EchoActor : ReceiveActor
{
    public EchoActor() => ReceiveAny(message => Sender.Tell(message));
}

/// <summary>The least that Akka asks of an event-sourced actor: no shell of ours around it.</summary>
public sealed class PlainPersistentActor(string id) : UntypedPersistentActor
{
    private long _count;

    public override string PersistenceId => $"plain-{id}";

    protected override void OnRecover(object message) => _count++;

    protected override void OnCommand(object message)
    {
        var command = (RegisterVersion)message;
        Persist(
            new VersionRegistered
            {
                ProducedBy = command.ProducedBy,
                Header = new EventHeader
                {
                    CorrelationId = command.Header.CommandId,
                    CausationId = command.Header.CommandId,
                    At = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
                },
            },
            _ =>
            {
                _count++;
                Sender.Tell(new CommandReply { CommandId = command.Header.CommandId, SequenceNr = _count });
            }
        );
    }
}
