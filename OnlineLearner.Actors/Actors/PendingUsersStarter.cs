using Akka.Actor;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// Calls every bucket when the node starts and again and again, so that each is awake somewhere, whichever node was
/// lost. The answers do not matter.
/// </summary>
public sealed class PendingUsersStarter : UntypedActor, IWithTimers
{
    private readonly IActorRef _buckets;
    private readonly TimeSpan _every;

    public PendingUsersStarter(IActorRef buckets, TimeSpan every)
    {
        _buckets = buckets;
        _every = every;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.Every(nameof(CallAll), _every, CallAll, first: TimeSpan.Zero);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick tick:
                tick.Do();
                break;
            case PendingUsersReply:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void CallAll()
    {
        foreach (var bucketId in PendingUsersState.BucketIds)
        {
            _buckets.Tell(new GetPendingUsers { BucketId = bucketId }, Self);
        }
    }
}
