using RalmActors.Messages.Entities;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>lineage</c> region routes.</summary>
public interface ILineageMessage : IEntityMessage
{
    string LineageId { get; }

    string IEntityMessage.EntityId => LineageId;
}

public sealed partial class OpenLineage : ILineageMessage, ICommand;

public sealed partial class OfferSlice : ILineageMessage, IIdempotentCommand;

public sealed partial class CheckpointLineage : ILineageMessage, IIdempotentCommand;

public sealed partial class CloseLineage : ILineageMessage, ICommand;

public sealed partial class TuneLineage : ILineageMessage, ICommand;

public sealed partial class RollBackLineage : ILineageMessage, ICommand;

public sealed partial class RecordRetraining : ILineageMessage, ICommand;

public sealed partial class LineageOpened : IEvent;

public sealed partial class LineageTuned : IEvent;

public sealed partial class LineageRolledBack : IEvent;

public sealed partial class LineageMeasured : IEvent;

public sealed partial class LineageFellBehind : IEvent;

public sealed partial class RetrainingAsked : IEvent;

public sealed partial class RetrainingHandedOver : IEvent;

public sealed partial class RetrainingRecorded : IEvent;

public sealed partial class BatchAccepted : IEvent, IMeasuredEvent
{
    public void Measure() => RalmMetrics.SamplesBatched.Add(Samples.Count);
}

public sealed partial class BatchSetAside : IEvent;

public sealed partial class DriftNoticed : IEvent;

public sealed partial class ReactionEnded : IEvent;

public sealed partial class LineageCheckpointed : IEvent;

public sealed partial class LineageClosed : IEvent;

public sealed partial class GetLineage : ILineageMessage, IQuery;

public sealed partial class FollowWeights : ILineageMessage, IQuery;

public sealed partial class PublishedWeights : IWireMessage;

public sealed partial class LineageReply : IWireMessage;

public sealed partial class LineageSnapshot : IWireMessage;
