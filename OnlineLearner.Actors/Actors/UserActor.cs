using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Wire;
using RalmActors.OnlineLearner.Domain;
using RalmActors.OnlineLearner.Hosting;

namespace RalmActors.OnlineLearner.Actors;

/// <summary>
/// The shell of a user: its outbox of slices and seeds, one under way per lineage and per candidate, and its place on the
/// list of users that must be awake. Both follow from the state, so a restart finds them again. A sample is offered at once where
/// nothing is under way; what comes meanwhile goes together when that is acknowledged, so that slices grow with the load
/// (Nagle 1984). It also finds out whether
/// the lineages that an interaction names are there.
/// </summary>
public sealed class UserActor : EntityActor<UserState>
{
    private const int MaxWaitingCommands = 1_000;

    /// <summary>On the list of users that must be awake.</summary>
    private const string Place = "#place";

    private readonly OnlineLearnerOptions _options;
    private readonly IReadOnlyActorRegistry _registry;
    private readonly WakeList _listing;
    private readonly IActorRef _topics;
    private readonly OpenedLineages _opened;
    private readonly Dictionary<string, long> _acknowledged = new(StringComparer.Ordinal);
    private int _waitingCommands;
    private int _asking;
    private int _counted;

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

    protected override void OnReady()
    {
        Count(State.Buffer.Count);
        if (State.HasPending)
        {
            _listing.AssumeListed();
        }
    }

    protected override void PostStop()
    {
        Count(0);
        base.PostStop();
    }

    protected override IEnumerable<OutgoingCommand> Owed =>
        State.PendingLineages.Select(Slice).Concat(State.Untold.Keys.Select(Seed));

    protected override RetryPauses Pauses => new(_options.RetryAfter, _options.MaxRetryAfter);

    protected override TimeSpan HoldFor => _options.HoldFor;

    protected override ICanTell? Way(Type region) => OutboxSender.WayTo(_registry, region);

    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case DeliveryAcknowledged c:
                // Nobody waits for an answer.
                if (State.EndsFor(c) is { } key)
                {
                    // Or it would be offered again meanwhile.
                    Outbox.End(key);
                    Hold(c, ActorRefs.Nobody);
                    Acknowledged(c);
                }
                else
                {
                    Execute(c, ActorRefs.Nobody);
                }

                return true;
            case AddSeed c when !Consider(c).Events.IsEmpty:
                Hold(c, Sender);
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
        Count(State.Buffer.Count);
        if (events.Any(e => e is SeedAdded or SeedsAdded))
        {
            var changed = new AudienceChanged { UserId = EntityId, Version = State.Audience.Version };
            _topics.Tell(new Publish(Topics.Audiences, changed));
        }
    }

    protected override void OnOwing(UserState before, ImmutableArray<IEvent> events)
    {
        foreach (var e in events)
        {
            switch (e)
            {
                case InteractionRecorded recorded:
                    foreach (var lineageId in recorded.LineageIds)
                    {
                        Outbox.Begin(Slice(lineageId));
                    }

                    if (recorded.TellsCandidate)
                    {
                        Outbox.Begin(Seed(recorded.Sample.CandidateId));
                    }

                    break;
                case SliceReleased { Alone: true } told:
                    var candidateId = before
                        .PendingFor(SeedOutbox.Destination)
                        .First(s => s.SampleSeq == told.ThroughSeq)
                        .CandidateId;
                    Follow(Seed(candidateId), State.Untold.ContainsKey(candidateId));
                    break;
                case SliceReleased released when !IsOwed(released.LineageId):
                    Outbox.End(released.LineageId);
                    break;
                case SliceReleased released:
                    // One that is under way goes on.
                    Outbox.Begin(Slice(released.LineageId));
                    break;
            }
        }
    }

    private void Count(int pending)
    {
        if (pending != _counted)
        {
            RalmMetrics.SamplesPending.Add(pending - _counted);
            _counted = pending;
        }
    }

    /// <summary>A lineage has these, though the journal does not say so yet: what came meanwhile follows at once.</summary>
    private void Acknowledged(DeliveryAcknowledged c)
    {
        if (c.Destination == SeedOutbox.Destination)
        {
            return;
        }

        _acknowledged[c.Destination] = Math.Max(_acknowledged.GetValueOrDefault(c.Destination), c.ThroughSeq);
        if (IsOwed(c.Destination))
        {
            Outbox.Begin(Slice(c.Destination));
        }
    }

    private bool IsOwed(string lineageId) =>
        State.WaitsBehind(
            lineageId,
            Math.Max(State.LearnedThrough(lineageId), _acknowledged.GetValueOrDefault(lineageId))
        );

    /// <summary>One is told; the next of the same destination, if there is one, begins anew.</summary>
    private void Follow(OutgoingCommand next, bool isOwed)
    {
        Outbox.End(next.Key);
        if (isOwed)
        {
            Outbox.Begin(next);
        }
    }

    private OutgoingCommand Slice(string lineageId) =>
        new(
            lineageId,
            typeof(LineageRegion),
            () =>
                Slices.Next(
                    State,
                    lineageId,
                    _acknowledged.GetValueOrDefault(lineageId),
                    _options.MaxSliceSamples,
                    _options.MaxSliceBytes
                )!,
            IsConfirmedByCommand: true
        );

    private OutgoingCommand Seed(string candidateId) =>
        new(
            SeedOutbox.KeyOf(candidateId),
            typeof(UserRegion),
            () => SeedOutbox.Next(State, candidateId, _options.AudienceSeeds)!,
            IsConfirmedByCommand: true,
            Patience: _options.HoldFor
        );

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case LineageFinderActor.Found found:
                Record(found);
                return true;
            case CommandReply reply when _listing.Listed(reply):
                Outbox.End(Place);
                _waitingCommands = 0;
                Stash.UnstashAll();
                return true;
            case CommandReply reply:
                // A slice refused: it is offered again.
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
                Rejection = Rejections.Of(RejectionCode.Overloaded, "user_id", EntityId, rule),
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
        Outbox.Begin(
            new OutgoingCommand(Place, typeof(PendingUsersRegion), _listing.Enlist, IsConfirmedByCommand: true)
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
}
