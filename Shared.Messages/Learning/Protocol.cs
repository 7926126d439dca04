using RalmActors.Messages.Entities;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Wire;

namespace RalmActors.Messages.Learning;

/// <summary>What the <c>user</c> region routes.</summary>
public interface IUserMessage : IEntityMessage
{
    string UserId { get; }

    string IEntityMessage.EntityId => UserId;
}

/// <summary>What the <c>pending-users</c> region routes.</summary>
public interface IPendingUsersMessage : IEntityMessage
{
    string BucketId { get; }

    string IEntityMessage.EntityId => BucketId;
}

public sealed partial class UpdateProfile : IUserMessage, ICommand;

public sealed partial class RecordInteraction : IUserMessage, ICommand;

public sealed partial class DeliveryAcknowledged : IUserMessage, IIdempotentCommand;

public sealed partial class AddSeed : IUserMessage, IIdempotentCommand;

public sealed partial class AddSeeds : IUserMessage, IIdempotentCommand;

public sealed partial class ProfileUpdated : IEvent;

public sealed partial class InteractionRecorded : IEvent, IMeasuredEvent
{
    public void Measure() => RalmMetrics.SamplesAccepted.Add(LineageIds.Count);
}

public sealed partial class SliceReleased : IEvent;

public sealed partial class SeedAdded : IEvent;

public sealed partial class SeedsAdded : IEvent;

public sealed partial class GetUser : IUserMessage, IQuery;

public sealed partial class UserReply : IWireMessage;

public sealed partial class GetAudience : IUserMessage, IQuery;

public sealed partial class AudienceReply : IWireMessage;

public sealed partial class AudienceChanged : IWireMessage;

public sealed partial class UserSnapshot : IWireMessage;

public sealed partial class RegisterForWake : IPendingUsersMessage, IIdempotentCommand;

public sealed partial class DelistUser : IPendingUsersMessage, IIdempotentCommand;

public sealed partial class PendingUsersChanged : IEvent;

public sealed partial class WakeUser : IUserMessage;

public sealed partial class GetPendingUsers : IPendingUsersMessage, IQuery;

public sealed partial class PendingUsersReply : IWireMessage;

public sealed partial class PendingUsersSnapshot : IWireMessage;
