using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>seed-load</c> region routes.</summary>
public interface ISeedLoadMessage : IEntityMessage
{
    string SeedsHash { get; }

    string IEntityMessage.EntityId => SeedsHash;
}

public sealed partial class LoadSeeds : ISeedLoadMessage, IIdempotentCommand;

public sealed partial class SeedLoadBegun : IEvent;

public sealed partial class SeedLoadAdvanced : IEvent;

public sealed partial class GetSeedLoad : ISeedLoadMessage, IQuery;

public sealed partial class SeedLoadReply : IWireMessage;

public sealed partial class SeedLoadSnapshot : IWireMessage;

public sealed partial class GetReadiness : IRegistryMessage, IQuery;

public sealed partial class ReadinessReply : IWireMessage;
