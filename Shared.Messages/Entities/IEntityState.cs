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
}
