using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>training-run</c> region routes.</summary>
public interface ITrainingRunMessage : IEntityMessage
{
    string RunId { get; }

    string IEntityMessage.EntityId => RunId;
}

/// <summary>What the <c>lineage</c> region routes.</summary>
public interface ILineageMessage : IEntityMessage
{
    string LineageId { get; }

    string IEntityMessage.EntityId => LineageId;
}

/// <summary>What the <c>registry</c> region routes.</summary>
public interface IRegistryMessage : IEntityMessage
{
    string Family { get; }

    string IEntityMessage.EntityId => Family;
}

public sealed partial class StartTraining : ITrainingRunMessage, ICommand;

public sealed partial class CancelTraining : ITrainingRunMessage, ICommand;

public sealed partial class PauseTraining : ITrainingRunMessage, ICommand;

public sealed partial class ResumeTraining : ITrainingRunMessage, ICommand;

public sealed partial class TrainingStarted : IEvent;

public sealed partial class EpochCompleted : IEvent;

public sealed partial class TrainingCompleted : IEvent;

public sealed partial class TrainingFailed : IEvent;

public sealed partial class TrainingCancelled : IEvent;

public sealed partial class TrainingPaused : IEvent;

public sealed partial class TrainingResumed : IEvent;

public sealed partial class VersionEvaluated : IEvent;

public sealed partial class VersionHandedOver : IEvent;

public sealed partial class GetTrainingRun : ITrainingRunMessage, IQuery;

public sealed partial class TrainingRunReply : IWireMessage;

public sealed partial class TrainingRunSnapshot : IWireMessage;

public sealed partial class OpenLineage : ILineageMessage, ICommand;

public sealed partial class OfferSlice : ILineageMessage, IIdempotentCommand;

public sealed partial class CheckpointLineage : ILineageMessage, IIdempotentCommand;

public sealed partial class CloseLineage : ILineageMessage, ICommand;

public sealed partial class LineageOpened : IEvent;

public sealed partial class BatchAccepted : IEvent;

public sealed partial class BatchSetAside : IEvent;

public sealed partial class LineageCheckpointed : IEvent;

public sealed partial class LineageClosed : IEvent;

public sealed partial class GetLineage : ILineageMessage, IQuery;

public sealed partial class LineageReply : IWireMessage;

public sealed partial class LineageSnapshot : IWireMessage;

public sealed partial class RegisterVersion : IRegistryMessage, ICommand;

public sealed partial class SetStage : IRegistryMessage, ICommand;

public sealed partial class RecordEvaluation : IRegistryMessage, ICommand;

public sealed partial class ReleaseArtifact : IRegistryMessage, ICommand;

public sealed partial class VersionRegistered : IEvent;

public sealed partial class StageSet : IEvent;

public sealed partial class ArtifactReleased : IEvent;

public sealed partial class EvaluationRecorded : IEvent;

public sealed partial class GetRegistry : IRegistryMessage, IQuery;

public sealed partial class RegistryReply : IWireMessage;

public sealed partial class CheckVersion : IRegistryMessage, IQuery;

public sealed partial class VersionCheckReply : IWireMessage;

public sealed partial class RegistrySnapshot : IWireMessage;

public sealed partial class TestRows : IWireMessage;

public sealed partial class TestScores : IWireMessage;

public sealed partial class Evaluation : IWireMessage;

public sealed partial class GetEvaluation : IWireMessage;

public sealed partial class EvaluationReply : IWireMessage;

public sealed partial class SweepArtifacts : IWireMessage;

public sealed partial class SweepReply : IWireMessage;
