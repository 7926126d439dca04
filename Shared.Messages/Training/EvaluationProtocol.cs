using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>evaluation</c> region routes.</summary>
public interface IEvaluationMessage : IEntityMessage
{
    string Family { get; }

    string IEntityMessage.EntityId => Family;
}

public sealed partial class RequestEvaluation : IEvaluationMessage, ICommand;

public sealed partial class EvaluationRequested : IEvent;

public sealed partial class EvaluationEnded : IEvent;

public sealed partial class EvaluationHandedOver : IEvent;

public sealed partial class GetEvaluations : IEvaluationMessage, IQuery;

public sealed partial class EvaluationsReply : IWireMessage;

public sealed partial class EvaluationsSnapshot : IWireMessage;

public sealed partial class HeldOutRows : IWireMessage;

public sealed partial class HeldOutScores : IWireMessage;

public sealed partial class Evaluation : IWireMessage;

public sealed partial class GetEvaluation : IWireMessage;

public sealed partial class EvaluationReply : IWireMessage;

public sealed partial class SweepArtifacts : IWireMessage;

public sealed partial class SweepReply : IWireMessage;
