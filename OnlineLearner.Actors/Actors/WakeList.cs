using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// A user's side of the list of users that must be awake. It enlists before its first pending sample and leaves when it
/// is woken with nothing pending. It never believes itself listed when it is not; the other error only costs a wake-up.
/// </summary>
internal sealed class WakeList(string userId)
{
    private readonly string _bucketId = PendingUsersState.BucketOf(userId);
    private string? _askedFor;

    public bool IsListed { get; private set; }

    /// <summary>Samples are pending after recovery, and none was accepted unlisted.</summary>
    public void AssumeListed() => IsListed = true;

    /// <summary>Asks for a place; a repetition asks for the same one.</summary>
    public RegisterForWake Enlist() =>
        new()
        {
            Header = new CommandHeader { CommandId = _askedFor ??= $"ticket:{Guid.NewGuid():N}" },
            BucketId = _bucketId,
            UserId = userId,
        };

    /// <summary>True when this is the answer the user waits for, and it is listed now.</summary>
    public bool Listed(CommandReply reply)
    {
        if (_askedFor is null || reply.CommandId != _askedFor || reply.Outcome != CommandOutcome.Accepted)
        {
            return false;
        }

        _askedFor = null;
        IsListed = true;
        return true;
    }

    /// <summary>
    /// The place is given back when nothing is pending. Not while another is being asked for: the one named by the
    /// bucket may be that very one.
    /// </summary>
    /// <param name="hasPending">A sample is pending, or may be accepted without asking for a place again.</param>
    public DelistUser? Delist(WakeUser wake, bool hasPending)
    {
        if (hasPending || _askedFor is not null)
        {
            return null;
        }

        IsListed = false;
        return new DelistUser
        {
            Header = new CommandHeader { CommandId = $"delist:{wake.RegistrationId}" },
            BucketId = _bucketId,
            UserId = userId,
            RegistrationId = wake.RegistrationId,
        };
    }
}
