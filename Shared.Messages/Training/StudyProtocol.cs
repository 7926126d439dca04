using RalmActors.Messages.Entities;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>study</c> region routes.</summary>
public interface IStudyMessage : IEntityMessage
{
    string StudyId { get; }

    string IEntityMessage.EntityId => StudyId;
}

public sealed partial class StartStudy : IStudyMessage, ICommand;

public sealed partial class CancelStudy : IStudyMessage, ICommand;

public sealed partial class ResumeStudy : IStudyMessage, ICommand;

public sealed partial class StudyStarted : IEvent;

public sealed partial class TrialStarted : IEvent;

public sealed partial class TrialAdvanced : IEvent;

public sealed partial class TrialLapsed : IEvent;

public sealed partial class TrialRunEnded : IEvent;

public sealed partial class TrialRunStopped : IEvent;

public sealed partial class TrialClosed : IEvent;

public sealed partial class StudyCancelled : IEvent;

public sealed partial class StudyResumed : IEvent;

public sealed partial class StudyCompleted : IEvent;

public sealed partial class StudyFailed : IEvent;

public sealed partial class BestHandedOver : IEvent;

public sealed partial class BestEvaluationAsked : IEvent;

public sealed partial class GetStudy : IStudyMessage, IQuery;

public sealed partial class GetTrials : IStudyMessage, IQuery;

public sealed partial class GetStudyReport : IStudyMessage, IQuery;

public sealed partial class StudyReportReply : IWireMessage;

public sealed partial class StudyReply : IWireMessage;

public sealed partial class TrialsReply : IWireMessage;

public sealed partial class StudySnapshot : IWireMessage;
