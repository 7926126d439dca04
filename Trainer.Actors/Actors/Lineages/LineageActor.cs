using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using Akka.Hosting;
using Akka.Streams.Dsl;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a lineage: groups offers into mini-batches, journals each, sends them to the trainer in that order, and
/// asks for checkpoints. A sender hears "learned" when its samples are journaled and on their way to the trainer.
/// </summary>
public sealed partial class LineageActor : EntityActor<LineageState>
{
    private readonly LineageOptions _options;
    private readonly IActorRef _topics;
    private readonly LineageSession _session;
    private readonly BatchAssembler _intake = new();
    private readonly LineageTally _tally = new();
    private readonly LineageTrouble _trouble;
    private readonly Dictionary<string, (OfferSlice Offer, IActorRef ReplyTo)> _offers = new(StringComparer.Ordinal);
    private readonly List<(long BatchNr, IActorRef ReplyTo)> _checkpoints = [];
    private readonly IReadOnlyActorRegistry _registry;
    private int _openings;
    private bool _waitedEnough;
    private long _seenBatchNr;

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
        _registry = registry;
        _trainer = trainer;
        _journal = journal;
        _trouble = new LineageTrouble(options.ReopenAfter);
        _session = new LineageSession(lineageId, trainer, Self, options.BatchesInFlight);
    }

    protected override void OnReady()
    {
        if (State.IsOpen)
        {
            HoldQuestions();
            OpenSession();
            Publish();
        }
    }

    protected override bool IsBusy => _openings > 0;

    protected override bool Intercept(ICommand command)
    {
        switch (command)
        {
            case OpenLineage open when IsNew(open):
                AskForVersion(open);
                return true;
            case OfferSlice offer when offer.Header is not null && State.Screen(offer) is null:
                TakeIn(offer);
                return true;
            case CheckpointLineage when State.IsOpen && !State.SinceCheckpoint.IsEmpty:
                _checkpoints.Add((State.BatchesAccepted, Sender));
                _session.Checkpoint(State.BatchesAccepted);
                return true;
            default:
                return false;
        }
    }

    protected override void OnChanged(LineageState before, ImmutableArray<IEvent> events)
    {
        foreach (var e in events)
        {
            switch (e)
            {
                case LineageOpened:
                    OpenSession();
                    Publish();
                    break;
                case BatchAccepted batch:
                    _session.Apply(batch);
                    break;
                case BatchSetAside aside:
                    LineageMeter.AddSetAside(EntityId, aside.Samples.Count);
                    Log.Warning(
                        "{0}: batch {1} of {2} samples is set aside: {3}",
                        PersistenceId,
                        aside.BatchNr,
                        aside.Samples.Count,
                        aside.Reason
                    );
                    CutBatches();
                    break;
                case LineageCheckpointed written:
                    SnapshotNow();
                    Publish();
                    AnswerCheckpoints(written.BatchNr);
                    break;
                case LineageClosed:
                    EndRebuild();
                    _session.Close();
                    _intake.Clear();
                    _offers.Clear();
                    AnswerHeld();
                    Timers.CancelAll();
                    Publish();
                    break;
            }
        }

        if (events[0] is BatchAccepted)
        {
            AnswerOffers(events.OfType<BatchAccepted>());
            CheckpointWhenDue();
            WatchTrainer();
            CutBatches();
        }
    }

    /// <summary>Loss and counts as of the last batch answered, not only as of the checkpoint.</summary>
    protected override IWireMessage Answer(IQuery query)
    {
        var answer = base.Answer(query);
        if (answer is LineageReply reply)
        {
            _tally.WriteTo(reply);
            reply.Problem = _trouble.Problem;
        }

        return answer;
    }

    /// <summary>
    /// A name that nobody has opened leaves memory soon: names are the askers' to make up. Not at once, for one may be asked
    /// for again and again.
    /// </summary>
    protected override void Reply(IQuery query, IActorRef to)
    {
        if (Holds(query, to))
        {
            return;
        }

        base.Reply(query, to);
        if (State.Opened is null)
        {
            Timers.StartSingleTimer(NotWanted.Instance, NotWanted.Instance, _options.UnopenedStaysFor);
        }
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case ILineageSessionReply reply when _session.Owns(reply):
                OnTrainer(reply);
                return true;
            case NotWanted when State.Opened is null && _openings == 0:
                LeaveMemory();
                return true;
            case NotWanted:
                return true;
            case VersionKnown known:
                Open(known);
                return true;
            case KnownEnough:
                AnswerHeld();
                return true;
            case WaitedEnough:
                _waitedEnough = true;
                CutBatches();
                return true;
            case Reopen:
                if (_session.IsWaiting)
                {
                    Meet($"the trainer has said nothing for {_options.TrainerSilence.TotalSeconds} s");
                }

                OpenSession();
                return true;
            case LineageRebuilt or LineageNotRebuilt:
                OnRebuild(message);
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
        _session.Close();
        base.PostStop();
    }

    private void TakeIn(OfferSlice offer)
    {
        if (_intake.Count >= _options.MaxWaitingSamples)
        {
            Sender.Tell(
                new CommandReply
                {
                    CommandId = offer.Header.CommandId,
                    Outcome = CommandOutcome.Rejected,
                    Rejection = Rejections.Of(
                        RejectionCode.Overloaded,
                        "lineage_id",
                        EntityId,
                        "has too many samples waiting; offer it again later"
                    ),
                }
            );
            return;
        }

        _intake.Add(offer, State);
        _offers[offer.UserId] = (offer, Sender);
        CutBatches();
    }

    private void CutBatches()
    {
        var decision = _intake.Cut(State, _session.Credits, _waitedEnough);
        if (decision.Events.IsEmpty)
        {
            if (_intake.Count > 0 && !_waitedEnough && !Timers.IsTimerActive(WaitedEnough.Instance))
            {
                Timers.StartSingleTimer(WaitedEnough.Instance, WaitedEnough.Instance, _options.MaxWait);
            }

            return;
        }

        _waitedEnough = false;
        Timers.Cancel(WaitedEnough.Instance);
        Commit(decision, new CommandHeader { CommandId = $"batch:{State.BatchesAccepted + 1}" }, _ => { });
    }

    private void AnswerOffers(IEnumerable<BatchAccepted> batches)
    {
        foreach (var mark in batches.SelectMany(b => b.Marks))
        {
            if (_offers.TryGetValue(mark.UserId, out var waiting) && waiting.Offer.ToSeq <= mark.ThroughSeq)
            {
                _offers.Remove(mark.UserId);
                waiting.ReplyTo.Tell(State.Learned(waiting.Offer, mark.ThroughSeq));
            }
        }
    }

    private void OnTrainer(ILineageSessionReply reply)
    {
        Learn(reply);
        AnswerHeld();
    }

    private void Learn(ILineageSessionReply reply)
    {
        _session.Answered(reply);
        switch (reply)
        {
            case LineageSessionOpened:
                _trouble.Opened();
                // What was offered while there was no session.
                CutBatches();
                break;
            case BatchApplied applied:
                _trouble.Over();
                _tally.Add(applied.MeanLossBeforeUpdate, applied.Learned, applied.PassedOver);
                TellPassedOver(applied);
                CutBatches();
                break;
            case BatchDiverged diverged when State.Diverged(diverged.BatchNr, diverged.Reason) is { } decision:
                Commit(decision, new CommandHeader { CommandId = $"set-aside:{diverged.BatchNr}" }, _ => { });
                break;
            case BatchDiverged:
                CutBatches();
                break;
            case LineageCheckpointWritten written:
                if (State.Checkpointed(written.Checkpoint, written.BatchNr, _tally.Loss, _tally.PassedOver) is { } made)
                {
                    Commit(made, new CommandHeader { CommandId = $"checkpoint:{written.BatchNr}" }, _ => { });
                }

                break;
            case LineageSessionFailed { IsArtifactLost: true } lost when State.Checkpoint is not null:
                Rebuild(lost.Reason);
                return;
            case LineageSessionFailed failed:
                StandStill(failed.Reason);
                return;
        }

        WatchTrainer();
    }

    private void TellPassedOver(BatchApplied applied)
    {
        if (applied.PassedOver > 0 && applied.BatchNr > _seenBatchNr)
        {
            LineageMeter.AddPassedOver(EntityId, applied.PassedOver);
            Log.Warning(
                "{0}: {1} samples of batch {2} do not fit the schema and are passed over",
                PersistenceId,
                applied.PassedOver,
                applied.BatchNr
            );
        }

        _seenBatchNr = Math.Max(_seenBatchNr, applied.BatchNr);
    }

    private void OpenSession()
    {
        EndRebuild();
        _tally.Restart(State);
        _session.Open(State);
        CheckpointWhenDue();
        WatchTrainer();
    }

    private void CheckpointWhenDue()
    {
        if (
            State.BatchesAccepted - _session.CheckpointAskedFor >= State.Opened!.CheckpointEvery
            || _checkpoints.Count > 0
        )
        {
            _session.Checkpoint(State.BatchesAccepted);
        }
    }

    private void WatchTrainer()
    {
        if (_session.IsWaiting)
        {
            Timers.StartSingleTimer(Reopen.Instance, Reopen.Instance, _options.TrainerSilence);
        }
        else
        {
            Timers.Cancel(Reopen.Instance);
        }
    }

    private void AnswerCheckpoints(long batchNr)
    {
        foreach (var (_, replyTo) in _checkpoints.Where(c => c.BatchNr <= batchNr))
        {
            replyTo.Tell(State.ToReply());
        }

        _checkpoints.RemoveAll(c => c.BatchNr <= batchNr);
    }

    private void Publish() => _topics.Tell(new Publish(Topics.Lineages, State.ToReply()), Self);

    private sealed class NotWanted : INoSerializationVerificationNeeded
    {
        public static readonly NotWanted Instance = new();
    }

    private sealed class WaitedEnough : INoSerializationVerificationNeeded
    {
        public static readonly WaitedEnough Instance = new();
    }

    private sealed class Reopen : INoSerializationVerificationNeeded
    {
        public static readonly Reopen Instance = new();
    }
}
