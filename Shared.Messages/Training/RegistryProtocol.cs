using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Training;

/// <summary>What the <c>registry</c> region routes.</summary>
public interface IRegistryMessage : IEntityMessage
{
    string Family { get; }

    string IEntityMessage.EntityId => Family;
}

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
