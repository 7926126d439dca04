using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Entities;

/// <summary>What a shard region can route.</summary>
public interface IEntityMessage : IWireMessage
{
    string EntityId { get; }
}

/// <summary>Asks an entity to change. It may be refused.</summary>
public interface ICommand : IEntityMessage
{
    CommandHeader Header { get; }
}

/// <summary>
/// A command whose repetition the state itself recognises (a high-water mark, a revision, an id it keeps), so that it is
/// neither looked for among the remembered ones nor remembered.
/// </summary>
public interface IIdempotentCommand : ICommand;

/// <summary>Asks an entity what it knows. It changes nothing and is never journaled.</summary>
public interface IQuery : IEntityMessage;

/// <summary>Happened, is journaled, and may not be refused.</summary>
public interface IEvent : IWireMessage
{
    EventHeader Header { get; set; }
}

/// <summary>An event that read models follow over all entities. Never one of a high rate.</summary>
public interface IFollowedEvent : IEvent
{
    /// <summary>What the journal finds it by.</summary>
    string Tag { get; }
}

public sealed partial class CommandReply : IWireMessage;

public sealed partial class NotFoundReply : IWireMessage;

public sealed partial class EntitySnapshot : IWireMessage;

public sealed partial class UnreadableEntity : IWireMessage;

public sealed partial class ListUnreadable : IWireMessage;

public sealed partial class UnreadableReply : IWireMessage;
