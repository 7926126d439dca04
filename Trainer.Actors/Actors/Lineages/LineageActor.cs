using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using Akka.Streams.Dsl;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a lineage. It journals and says which of its parts does what next: <see cref="LineageOpening"/> asks for the
/// version it starts from, <see cref="LineageIntake"/> groups offers into mini-batches, <see cref="LineageLearner"/> has the
/// trainer apply them in that order, <see cref="LineageQuestions"/> keeps askers until it is known whether that works,
/// <see cref="LineageFollowers"/> tells the weights to those who serve them. A sender hears "learned" when its samples are journaled and on their way to the trainer.
/// </summary>
public sealed class LineageActor : EntityActor<LineageState>, ILineageShell
{
    private const int MaxPhotographedBatches = 50;

    private readonly LineageOptions _options;
    private readonly IActorRef _topics;
    private readonly IReadOnlyActorRegistry _regions;
    private readonly LineageOpening _opening;
    private readonly LineageIntake _intake;
    private readonly LineageLearner _learner;
    private readonly LineageQuestions _questions;
    private readonly LineageFollowers _followers;

    /// <param name="trainer">Answers the messages of <see cref="ILineageSessionCommand"/>; on this node.</param>
    /// <param name="topics">The publish/subscribe mediator.</param>
    /// <param name="registry">Has the region that knows versions.</param>
    /// <param name="journal">All events of a persistence id; read where a checkpoint is lost.</param>
    public LineageActor(
        string lineageId,
        LineageOptions options,
        TimeProvider clock,
        IActorRef trainer,
        IActorRef topics,
        IReadOnlyActorRegistry registry,
        Func<string, Source<IEvent, NotUsed>> journal
    )
        : base(RegionNames.Lineage, lineageId, options.Entity, clock)
    {
        _options = options;
        _topics = topics;
        _regions = registry;
        _opening = new LineageOpening(registry, options.VersionSilence, Self);
        _intake = new LineageIntake(this, options, CutBatches);
        _followers = new LineageFollowers(this, clock, options.FollowersStayFor, () => _learner!.ReadWeights());
        _learner = new LineageLearner(
            this,
            Context,
            trainer,
            () => journal(PersistenceId),
            options,
            opened: _followers.Restart,
            learned: _followers.Learned,
            weightsRead: _followers.Tell
        );
        _questions = new LineageQuestions(this, options.KnownWithin, Reply);
    }

    LineageState ILineageShell.State => State;

    ILoggingAdapter ILineageShell.Log => Log;

    protected override void OnReady()
    {
        if (State.IsOpen)
        {
            _questions.Hold();
            _learner.Begin();
            _learner.Measure();
            Publish();
        }
    }

    protected override ICanTell? Way(Type region) => OutboxSender.WayTo(_regions, region);

    protected override bool IsBusy => _opening.IsBusy;

    /// <summary>Batches that are not in a checkpoint are most of the state.</summary>
    protected override bool IsCompact => State.SinceCheckpoint.Count <= MaxPhotographedBatches;

    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case OpenLineage open when State.MayBeOpenedBy(open):
                if (!_opening.AskForVersion(open, Sender))
                {
                    AnswerUnavailable(open, Sender);
                }

                return true;
            case OfferSlice offer when offer.Header is not null && State.Screen(offer) is null:
                TakeIn(offer);
                return true;
            case CheckpointLineage when State.IsOpen && !State.SinceCheckpoint.IsEmpty:
                _learner.Checkpoint(Sender);
                return true;
            default:
                return false;
        }
    }

    protected override void OnChanged(LineageState before, ImmutableArray<IEvent> events)
    {
        foreach (var e in events)
        {
            OnChanged(e);
        }

        _learner.Measure();
        if (events[0] is BatchAccepted)
        {
            _intake.Answer(events.OfType<BatchAccepted>());
            _learner.CheckpointWhenDue();
            CutBatches();
        }
    }

    protected override IWireMessage Answer(IQuery query)
    {
        var answer = base.Answer(query);
        if (answer is LineageReply reply)
        {
            _learner.WriteTo(reply);
            _followers.WriteTo(reply);
        }

        return answer;
    }

    /// <summary>
    /// A name that nobody has opened leaves memory soon: names are the askers' to make up. Not at once, for one may be asked
    /// for again and again.
    /// </summary>
    protected override void Reply(IQuery query, IActorRef to)
    {
        if (query is FollowWeights follow && State.IsOpen)
        {
            _followers.Follow(follow, to);
            return;
        }

        if (_questions.Holds(query, to))
        {
            return;
        }

        base.Reply(query is FollowWeights ? new GetLineage { LineageId = EntityId } : query, to);
        if (State.Opened is null)
        {
            Timers.After(nameof(LeaveUnlessOpened), _options.UnopenedStaysFor, LeaveUnlessOpened);
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case ILineageSessionReply reply when _learner.Owns(reply):
                OnTrainer(reply);
                return true;
            case ILineageRebuildReply reply:
                _learner.Hear(reply, Sender);
                return true;
            case VersionKnown known:
                Open(known);
                return true;
            case ILineageSessionReply or CommandReply:
                // Of a session given up, or a user's answer nobody waits for.
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        _learner.End();
        base.PostStop();
    }

    public void Write(Decision decision, string commandId, Action? then = null) =>
        Commit(decision, new CommandHeader { CommandId = commandId }, _ => then?.Invoke());

    public void Publish() => _topics.Tell(new Publish(Topics.Lineages, State.ToReply()), Self);

    private void OnChanged(IEvent e)
    {
        switch (e)
        {
            case LineageOpened:
                _learner.Begin();
                Publish();
                break;
            case BatchAccepted batch:
                _learner.Do(batch);
                break;
            case LineageTuned tuned:
                _learner.Do(tuned);
                Publish();
                CutBatches();
                break;
            case LineageFellBehind:
                RalmMetrics.LineageFellBehind.Add(EntityId, 1);
                break;
            case LineageRolledBack back:
                Log.Warning(
                    "{0}: behind batch {1} its weights are again those of batch {2}: {3}",
                    PersistenceId,
                    back.BatchNr,
                    back.ToBatchNr,
                    back.Reason
                );
                _learner.Begin();
                Publish();
                break;
            case RetrainingAsked asked:
                Log.Warning("{0}: is trained anew as {1}: {2}", PersistenceId, asked.RetrainingId, asked.Reason);
                break;
            case LineageMeasured measured:
                Record(measured);
                break;
            case BatchSetAside aside:
                TellSetAside(aside);
                CutBatches();
                break;
            case DriftNoticed noticed:
                RalmMetrics.LineageAlarms.Add(EntityId, 1);
                Log.Warning(
                    "{0}: predictions are worse since {1} samples (log loss {2:F3}), noticed behind batch {3}: a copy learns faster",
                    PersistenceId,
                    noticed.SamplesSince,
                    noticed.LossSince,
                    noticed.BatchNr
                );
                CutBatches();
                break;
            case ReactionEnded ended:
                Log.Info(
                    "{0}: the alarm of batch {1} is closed behind batch {2}: {3}",
                    PersistenceId,
                    ended.AlarmBatchNr,
                    ended.BatchNr,
                    ended.Outcome
                );
                CutBatches();
                break;
            case LineageCheckpointed written:
                Publish();
                _learner.Checkpointed(written.BatchNr);
                break;
            case LineageClosed:
                _learner.End();
                _intake.Clear();
                _questions.Answer();
                Timers.CancelAll();
                Publish();
                break;
        }
    }

    private void Open(VersionKnown known)
    {
        _opening.Answered();
        var (c, replyTo) = (known.Command, known.ReplyTo);
        switch (known.Answer)
        {
            case Answer<VersionCheckReply>.Refused { Rejection: { Code: not RejectionCode.NotAvailable } rejection }:
                Execute(c, replyTo, (_, _) => Decision.Refuse(rejection));
                break;
            case Answer<VersionCheckReply>.Given { Reply: var found }:
                Execute(c, replyTo, (state, _) => state.Decide(c, found.Version.Artifact));
                break;
            default:
                AnswerUnavailable(c, replyTo);
                break;
        }
    }

    private void TakeIn(OfferSlice offer)
    {
        if (_intake.IsFull)
        {
            Execute(offer, Sender, (_, _) => Decision.Refuse(LineageRules.TooManyWaiting(EntityId)));
            return;
        }

        _intake.Add(offer, Sender);
        CutBatches();
    }

    private void CutBatches()
    {
        if (
            State.IsOpen
            && !State.Settings.Paused
            && _intake.Cut(_learner.Credits) is { Events.IsEmpty: false } batches
        )
        {
            Write(batches, $"batch:{State.BatchesAccepted + 1}");
        }
    }

    private void OnTrainer(ILineageSessionReply reply)
    {
        if (_learner.Hear(reply) is { } found)
        {
            Write(found.Decision, found.CommandId);
        }
        else
        {
            // There may be room for the next, also for what was offered while there was no session.
            CutBatches();
        }

        _learner.Measure();
        _questions.Answer();
    }

    /// <summary>As a source of its own, for whoever watches; what is lost on the way comes again with the next.</summary>
    private void Record(LineageMeasured measured)
    {
        if (_regions.TryGet<CollectorRegion>(out var collectors))
        {
            collectors.Tell(LineageMetrics.Of(State, measured, Clock.GetUtcNow()), Self);
        }
    }

    private void TellSetAside(BatchSetAside aside)
    {
        RalmMetrics.LineageSetAside.Add(EntityId, aside.Samples.Count);
        Log.Warning(
            "{0}: batch {1} of {2} samples is set aside: {3}",
            PersistenceId,
            aside.BatchNr,
            aside.Samples.Count,
            aside.Reason
        );
    }

    private void LeaveUnlessOpened()
    {
        if (State.Opened is null && !_opening.IsBusy)
        {
            LeaveMemory();
        }
    }
}
