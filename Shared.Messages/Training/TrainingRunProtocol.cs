using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>training-run</c> region routes.</summary>
public interface ITrainingRunMessage : IEntityMessage
{
    string RunId { get; }

    string IEntityMessage.EntityId => RunId;
}

public sealed partial class StartTraining : ITrainingRunMessage, ICommand;

public sealed partial class CancelTraining : ITrainingRunMessage, ICommand;

public sealed partial class PauseTraining : ITrainingRunMessage, ICommand;

public sealed partial class ResumeTraining : ITrainingRunMessage, ICommand;

public sealed partial class RecordRunEvaluation : ITrainingRunMessage, ICommand;

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
