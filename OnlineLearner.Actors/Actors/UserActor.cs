using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.OnlineLearner.Domain;
using RalmActors.OnlineLearner.Hosting;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// The shell of a user: its outbox of slices and seeds, one under way per lineage and one to a candidate, and its place
/// on the list of users that must be awake. Both follow from the state, so a restart finds them again.
/// </summary>
public sealed class UserActor : EntityActor<UserState>, IWithTimers
{
    private const int MaxWaitingCommands = 1_000;
    private readonly OnlineLearnerOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly Dictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly PendingListing _listing;
    private readonly IActorRef _topics;
    private int _waitingCommands;

    /// <param name="topics">The publish/subscribe mediator.</param>
    public UserActor(
        string userId,
        OnlineLearnerOptions options,
        TimeProvider clock,
        IReadOnlyActorRegistry registry,
        IActorRef topics
    )
        : base(ShardNames.User, userId, options.Entity, clock)
    {
        _options = options;
        _registry = registry;
        _topics = topics;
        _listing = new PendingListing(userId);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReady()
    {
        if (State.HasPending)
        {
            _listing.AssumeListed();
        }

        foreach (var lineageId in State.PendingLineages)
        {
            Offer(lineageId);
        }
    }

    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case SliceLearned:
                // The lineage waits for no answer.
                Execute(command, ActorRefs.Nobody);
                return true;
            case RecordInteraction c when !_listing.IsListed && Ids.IsValid(EntityId):
                WaitForListing(c);
                return true;
            default:
                return false;
        }
    }

    protected override void OnChanged(UserState before, ImmutableArray<IEvent> events)
    {
        foreach (var e in events)
        {
            switch (e)
            {
                case InteractionRecorded recorded:
                    foreach (var lineageId in SeedOutbox.Destinations(recorded).Where(id => !_attempts.ContainsKey(id)))
                    {
                        OfferWhenDue(lineageId);
                    }

                    break;
                case SliceReleased released:
                    _attempts.Remove(released.LineageId);
                    Timers.Cancel(Retry.Key(released.LineageId));
                    OfferWhenDue(released.LineageId);
                    break;
                case SeedAdded added:
                    var changed = new AudienceChanged { UserId = EntityId, Version = added.Seed.Version };
                    _topics.Tell(new Publish(Topics.Audiences, changed));
                    break;
            }
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Retry retry:
                Offer(retry.LineageId);
                return true;
            case EnlistAgain:
                Enlist();
                return true;
            case CommandReply reply when _listing.Listed(reply):
                Timers.Cancel(EnlistAgain.Instance);
                _waitingCommands = 0;
                Stash.UnstashAll();
                return true;
            case CommandReply reply:
                // A slice refused: the timer offers it again.
                Log.Debug("{0}: {1}", PersistenceId, reply);
                return true;
            case WakeUser wake:
                if (_listing.Delist(wake, State.HasPending) is { } delist)
                {
                    Tell<PendingUsersRegion>(delist);
                }

                return true;
            default:
                return false;
        }
    }

    private void WaitForListing(RecordInteraction c)
    {
        if (_waitingCommands == MaxWaitingCommands)
        {
            var busy = Decision.Reject(
                RejectionCode.Overloaded,
                "user_id",
                EntityId,
                "is waking up; send it again later"
            );
            Sender.Tell(
                new CommandReply
                {
                    CommandId = c.Header?.CommandId ?? "",
                    Outcome = CommandOutcome.Rejected,
                    Rejection = busy.Rejection,
                }
            );
            return;
        }

        _waitingCommands++;
        Stash.Stash();
        if (_waitingCommands == 1)
        {
            Enlist();
        }
    }

    private void Enlist()
    {
        Tell<PendingUsersRegion>(_listing.Enlist());
        Timers.StartSingleTimer(EnlistAgain.Instance, EnlistAgain.Instance, _options.RetryAfter);
    }

    private void OfferWhenDue(string lineageId)
    {
        var atOnce = lineageId == SeedOutbox.Destination ? 1 : _options.SliceSamples;
        var waiting = State.PendingFor(lineageId).Take(atOnce).Count();
        if (waiting >= atOnce)
        {
            Offer(lineageId);
        }
        else if (waiting > 0 && !Timers.IsTimerActive(Retry.Key(lineageId)))
        {
            Timers.StartSingleTimer(Retry.Key(lineageId), new Retry(lineageId), _options.SliceAge);
        }
    }

    private void Offer(string lineageId)
    {
        if (lineageId == SeedOutbox.Destination)
        {
            Offer<UserRegion>(lineageId, SeedOutbox.Next(State, _options.AudienceSeeds));
        }
        else
        {
            Offer<LineageRegion>(
                lineageId,
                Slices.Next(State, lineageId, _options.MaxSliceSamples, _options.MaxSliceBytes)
            );
        }
    }

    private void Offer<TRegion>(string lineageId, ICommand? next)
    {
        if (next is null)
        {
            return;
        }

        var attempt = _attempts.GetValueOrDefault(lineageId);
        _attempts[lineageId] = attempt + 1;
        Tell<TRegion>(next);
        var wait = _options.RetryAfter * Math.Pow(2, Math.Min(attempt, 16));
        Timers.StartSingleTimer(
            Retry.Key(lineageId),
            new Retry(lineageId),
            wait < _options.MaxRetryAfter ? wait : _options.MaxRetryAfter
        );
    }

    private void Tell<TRegion>(IWireMessage message)
    {
        // A region that is not up yet loses nothing: what matters is told again.
        if (_registry.TryGet<TRegion>(out var region))
        {
            region.Tell(message, Self);
        }
    }

    /// <summary>A slice is due: the first time by age, then because no answer came.</summary>
    private sealed record Retry(string LineageId) : INoSerializationVerificationNeeded
    {
        public static string Key(string lineageId) => $"offer {lineageId}";
    }

    private sealed class EnlistAgain : INoSerializationVerificationNeeded
    {
        public static readonly EnlistAgain Instance = new();
    }
}
