using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Serving;

public sealed partial class Score : IWireMessage;

public sealed partial class ScoreReply : IWireMessage;

public sealed partial class ExplainScore : IWireMessage;

public sealed partial class ExplainReply : IWireMessage;

public sealed partial class ShadowReport : IWireMessage;

public sealed partial class RecordDecision : IUserMessage, ICommand;

public sealed partial class DecisionRecorded : IEvent;
