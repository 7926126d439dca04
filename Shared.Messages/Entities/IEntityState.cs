using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>
/// A thing's memory and its rules, without an actor, a clock or a database. Immutable: <see cref="Apply"/> returns
/// the next state.
/// </summary>
public interface IEntityState<TSelf>
    where TSelf : IEntityState<TSelf>
{
    /// <summary>Raise it when an old snapshot can no longer be read; the journal is then replayed instead.</summary>
    static virtual uint SnapshotVersion => 1;

    static abstract TSelf Empty(string entityId);

    static abstract TSelf FromSnapshot(string entityId, IWireMessage snapshot);

    /// <summary>May refuse. Reads this state, the command and the given time; touches nothing.</summary>
    Decision Decide(ICommand command, DateTimeOffset now);

    /// <summary>May not refuse: it already happened. An unknown event type throws <see cref="NotSupportedException"/>.</summary>
    TSelf Apply(IEvent e);

    /// <summary>Answers a query from this state alone.</summary>
    IWireMessage Answer(IQuery query);

    IWireMessage ToSnapshot();

    /// <summary>
    /// Commands to other entities that follow from this state: each is sent until it is settled, or until no state owes it.
    /// </summary>
    IEnumerable<OutgoingCommand> Outbox => [];

    /// <summary>What follows from it that a command of the outbox was taken, or refused for good.</summary>
    /// <returns>Null: nothing is journaled; it is not sent again as long as this incarnation lives.</returns>
    Decision? Settle(Settlement settled) => null;
}
