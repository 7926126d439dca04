using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>retraining</c> region routes.</summary>
public interface IRetrainingMessage : IEntityMessage
{
    string RetrainingId { get; }

    string IEntityMessage.EntityId => RetrainingId;
}

public sealed partial class OpenRetraining : IRetrainingMessage, ICommand;

public sealed partial class CancelRetraining : IRetrainingMessage, ICommand;

public sealed partial class RetrainingOpened : IEvent;

public sealed partial class RetrainingPrepared : IEvent;

public sealed partial class RetrainingRunBegun : IEvent;

public sealed partial class RetrainingTrained : IEvent;

public sealed partial class RetrainingTestPlanned : IEvent;

public sealed partial class RetrainingTestCreated : IEvent;

public sealed partial class RetrainingTestBegun : IEvent;

public sealed partial class RetrainingEnded : IEvent;

public sealed partial class RetrainingRunCancelled : IEvent;

public sealed partial class RetrainingToldLineage : IEvent;

public sealed partial class GetRetraining : IRetrainingMessage, IQuery;

public sealed partial class RetrainingReply : IWireMessage;

public sealed partial class RetrainingSnapshot : IWireMessage;
