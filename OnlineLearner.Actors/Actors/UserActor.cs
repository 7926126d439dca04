using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Wire;
using RalmActors.OnlineLearner.Domain;
using RalmActors.OnlineLearner.Hosting;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// The shell of a user: its outbox of slices and seeds, one under way per lineage and per candidate, and its place on the
/// list of users that must be awake. Both follow from the state, so a restart finds them again. It also finds out whether
/// the lineages that an interaction names are there.
/// </summary>
public sealed class UserActor : EntityActor<UserState>, IWithTimers
{
    private const int MaxWaitingCommands = 1_000;
    private readonly OnlineLearnerOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly Dictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly WakeList _listing;
    private readonly IActorRef _topics;
    private readonly OpenedLineages _opened;
    private int _waitingCommands;
    private int _asking;

    /// <param name="registry">Has the node's <see cref="LineageFinderActor"/>.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    /// <param name="opened">What this node knows to be there.</param>
    public UserActor(
        string userId,
        OnlineLearnerOptions options,
        TimeProvider clock,
        IReadOnlyActorRegistry registry,
        IActorRef topics,
        OpenedLineages opened
    )
        : base(RegionNames.User, userId, options.Entity, clock)
    {
        _options = options;
        _registry = registry;
        _topics = topics;
        _opened = opened;
        _listing = new WakeList(userId);
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

        foreach (var candidateId in State.Untold.Keys)
        {
            Tell(candidateId);
        }
    }

    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case DeliveryAcknowledged:
                // The lineage waits for no answer.
                Execute(command, ActorRefs.Nobody);
                return true;
            case RecordInteraction c when !_listing.IsListed && Ids.IsValid(EntityId):
                WaitForListing(c);
                return true;
            case RecordInteraction c:
                Record(c);
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
                    foreach (var lineageId in recorded.LineageIds.Where(id => !_attempts.ContainsKey(id)))
                    {
                        OfferWhenDue(lineageId);
                    }

                    if (recorded.TellsCandidate && !_attempts.ContainsKey(Seed(recorded.Sample.CandidateId)))
                    {
                        Tell(recorded.Sample.CandidateId);
                    }

                    break;
                case SliceReleased { Alone: true } told:
                    var candidate = before
                        .PendingFor(SeedOutbox.Destination)
                        .First(s => s.SampleSeq == told.ThroughSeq);
                    Answered(Seed(candidate.Sample.CandidateId));
                    Tell(candidate.Sample.CandidateId);
                    break;
                case SliceReleased released:
                    Answered(released.LineageId);
                    OfferWhenDue(released.LineageId);
                    break;
                case SeedAdded or SeedsAdded:
                    var changed = new AudienceChanged { UserId = EntityId, Version = State.Audience.Version };
                    _topics.Tell(new Publish(Topics.Audiences, changed));
                    break;
            }
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Retry { CandidateId: { } candidateId }:
                Tell(candidateId);
                return true;
            case Retry retry:
                Offer(retry.Destination);
                return true;
            case LineageFinderActor.Found found:
                Record(found);
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
                if (_listing.Delist(wake, State.HasPending || _asking > 0) is { } delist)
                {
                    Tell<PendingUsersRegion>(delist);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>At once when all its lineages are known; else they are found out first, and others are not kept waiting.</summary>
    private void Record(RecordInteraction c)
    {
        string[] lineageIds = [.. InteractionRules.LineagesOf(c)];
        if (Array.TrueForAll(lineageIds, _opened.Contains) || IsSettled(Consider(c)))
        {
            Execute(c, Sender);
        }
        else if (_asking == MaxWaitingCommands)
        {
            Busy(c, "has too many interactions whose lineages are being asked for; send it again later");
        }
        else if (_registry.TryGet<LineageFinderKey>(out var finder))
        {
            _asking++;
            finder.Tell(new LineageFinderActor.Find(c, Sender, lineageIds, WantsList: c.LineageIds.Count > 0));
        }
        else
        {
            AnswerUnavailable(c, Sender);
        }
    }

    /// <summary>Refused or known already, whichever lineages there are. Room depends on them.</summary>
    private static bool IsSettled(Decision decision) =>
        decision.Events.IsEmpty && decision.Rejection?.Code != RejectionCode.Overloaded;

    private void Record(LineageFinderActor.Found found)
    {
        var (c, replyTo) = (found.Asked.Interaction, found.Asked.ReplyTo);
        // An actor that was started anew meanwhile has asked for nothing and need not be listed.
        _asking = Math.Max(0, _asking - 1);
        if (found.Facts is { } facts && _listing.IsListed)
        {
            Execute(c, replyTo, (state, now) => state.Decide(c, facts, now));
        }
        else
        {
            AnswerUnavailable(c, replyTo);
        }
    }

    private void Busy(RecordInteraction c, string rule) =>
        Sender.Tell(
            new CommandReply
            {
                CommandId = c.Header?.CommandId ?? "",
                Outcome = CommandOutcome.Rejected,
                Rejection = Decision.Reject(RejectionCode.Overloaded, "user_id", EntityId, rule).Rejection,
            }
        );

    private void WaitForListing(RecordInteraction c)
    {
        if (_waitingCommands == MaxWaitingCommands)
        {
            Busy(c, "is waking up; send it again later");
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
        var waiting = State.Marks[lineageId].Waiting;
        if (waiting >= _options.SliceSamples)
        {
            Offer(lineageId);
        }
        else if (waiting > 0 && !Timers.IsTimerActive(Retry.Key(lineageId)))
        {
            Timers.StartSingleTimer(Retry.Key(lineageId), new Retry(lineageId), _options.SliceAge);
        }
    }

    private void Offer(string lineageId) =>
        Offer<LineageRegion>(
            new Retry(lineageId),
            Slices.Next(State, lineageId, _options.MaxSliceSamples, _options.MaxSliceBytes)
        );

    private void Tell(string candidateId) =>
        Offer<UserRegion>(
            new Retry(Seed(candidateId), candidateId),
            SeedOutbox.Next(State, candidateId, _options.AudienceSeeds)
        );

    private void Offer<TRegion>(Retry again, ICommand? next)
    {
        if (next is null)
        {
            return;
        }

        var attempts = _attempts[again.Destination] = _attempts.GetValueOrDefault(again.Destination) + 1;
        Tell<TRegion>(next);
        Timers.StartSingleTimer(
            Retry.Key(again.Destination),
            again,
            Backoff.After(_options.RetryAfter, attempts, _options.MaxRetryAfter)
        );
    }

    private void Answered(string destination)
    {
        _attempts.Remove(destination);
        Timers.Cancel(Retry.Key(destination));
    }

    /// <summary>Beside the lineages' ids, of which none looks like it.</summary>
    private static string Seed(string candidateId) => $"{SeedOutbox.Destination} {candidateId}";

    private void Tell<TRegion>(IWireMessage message)
    {
        // A region that is not up yet loses nothing: what matters is told again.
        if (_registry.TryGet<TRegion>(out var region))
        {
            region.Tell(message, Self);
        }
    }

    /// <summary>A slice is due: the first time by age, then because no answer came. Or a candidate has not answered.</summary>
    private sealed record Retry(string Destination, string? CandidateId = null) : INoSerializationVerificationNeeded
    {
        public static string Key(string destination) => $"offer {destination}";
    }

    private sealed class EnlistAgain : INoSerializationVerificationNeeded
    {
        public static readonly EnlistAgain Instance = new();
    }
}
