using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>study</c> region routes.</summary>
public interface IStudyMessage : IEntityMessage
{
    string StudyId { get; }

    string IEntityMessage.EntityId => StudyId;
}

/// <summary>A step in a study's life, which lists of studies follow.</summary>
public interface IStudyStep : IFollowedEvent
{
    string IFollowedEvent.Tag => RegionNames.Study;
}

public sealed partial class StartStudy : IStudyMessage, ICommand;

public sealed partial class CancelStudy : IStudyMessage, ICommand;

public sealed partial class ResumeStudy : IStudyMessage, ICommand;

public sealed partial class StudyStarted : IStudyStep;

public sealed partial class TrialStarted : IEvent;

public sealed partial class TrialAdvanced : IEvent;

public sealed partial class TrialLapsed : IEvent;

public sealed partial class TrialRunEnded : IEvent;

public sealed partial class TrialRunStopped : IEvent;

public sealed partial class TrialClosed : IEvent;

public sealed partial class StudyCancelled : IStudyStep;

public sealed partial class StudyResumed : IStudyStep;

public sealed partial class StudyCompleted : IStudyStep;

public sealed partial class StudyFailed : IStudyStep;

public sealed partial class BestHandedOver : IStudyStep;

public sealed partial class BestEvaluationAsked : IEvent;

public sealed partial class GetStudy : IStudyMessage, IQuery;

public sealed partial class GetTrials : IStudyMessage, IQuery;

public sealed partial class GetStudyReport : IStudyMessage, IQuery;

public sealed partial class StudyReportReply : IWireMessage;

public sealed partial class StudyReply : IWireMessage;

public sealed partial class ListStudies : IWireMessage;

public sealed partial class StudiesReply : IWireMessage;

public sealed partial class TrialsReply : IWireMessage;

public sealed partial class StudySnapshot : IWireMessage;
