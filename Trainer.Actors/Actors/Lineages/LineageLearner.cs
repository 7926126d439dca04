using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Streams.Dsl;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Telemetry;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Lineages;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The learning of a lineage: has the trainer apply what is journaled, and makes of its answers what there is to know and to
/// write down. Where it cannot learn it waits, or makes a lost checkpoint anew.
/// </summary>
/// <param name="context">Of the shell: a lost checkpoint is made anew by a child.</param>
/// <param name="journal">All events of the lineage.</param>
/// <param name="opened">Called when there is another session.</param>
/// <param name="learned">Called when the weights have learned a batch.</param>
/// <param name="weightsRead">Called with what <see cref="ReadWeights"/> has asked for.</param>
internal sealed class LineageLearner(
    ILineageShell lineage,
    IActorContext context,
    IActorRef trainer,
    Func<Source<IEvent, NotUsed>> journal,
    LineageOptions options,
    Action opened,
    Action<long> learned,
    Action<WeightsRead> weightsRead
)
{
    private readonly LineageTally _tally = new();
    private readonly LineageTrouble _trouble = new(options.ReopenAfter);
    private readonly List<(long BatchNr, IActorRef ReplyTo)> _checkpoints = [];
    private LineageSession? _session;
    private IActorRef? _rebuild;
    private long _seenBatchNr;
    private long _appliedBatchNr;

    /// <summary>Batches that may be accepted now.</summary>
    public int Credits => Session.Credits;

    private LineageState State => lineage.State;

    private LineageSession Session =>
        _session ??= new LineageSession(
            State.LineageId,
            new TrainerSession(
                lineage,
                context.Self,
                trainer,
                options.TrainerSilence,
                OnSilence,
                id => new CloseLineageSession(State.LineageId, id)
            ),
            options.BatchesInFlight
        );

    public bool Owns(ILineageSessionReply reply) => Session.Owns(reply);

    /// <summary>Loss and counts as of the last batch answered, not only as of the checkpoint.</summary>
    public void WriteTo(LineageReply reply)
    {
        _tally.WriteTo(reply);
        reply.Problem =
            _trouble.Problem.Length > 0 || !State.Settings.Paused ? _trouble.Problem
            : State.Tuning.Reason.Length > 0 ? $"it is paused: {State.Tuning.Reason}"
            : "it is paused";
    }

    /// <summary>How it stands, for whoever watches this node.</summary>
    public void Measure()
    {
        var id = State.LineageId;
        if (!State.IsOpen)
        {
            Forget(id);
            return;
        }

        RalmMetrics.LineageLoss.Set(id, _tally.Loss);
        RalmMetrics.LineageLag.Set(id, Math.Max(0, State.BatchesAccepted - _appliedBatchNr));
        RalmMetrics.LineageTrouble.Set(id, _trouble.Problem.Length > 0 ? 1 : 0);
        RalmMetrics.LineageBehind.Set(id, State.FellBehind > 0 && State.Settings.Paused ? 1 : 0);
        RalmMetrics.LineageDrift.Set(id, State.Alarms.Newest.Any(a => a.EndedBatchNr == 0) ? 1 : 0);
    }

    private static void Forget(string lineageId)
    {
        RalmMetrics.LineageLoss.Remove(lineageId);
        RalmMetrics.LineageLag.Remove(lineageId);
        RalmMetrics.LineageTrouble.Remove(lineageId);
        RalmMetrics.LineageBehind.Remove(lineageId);
        RalmMetrics.LineageDrift.Remove(lineageId);
    }

    /// <summary>From the newest artefact.</summary>
    public void Begin()
    {
        EndRebuild();
        _tally.Restart(State);
        _appliedBatchNr = State.CheckpointBatchNr;
        Session.Open(State);
        CheckpointWhenDue();
        CheckpointInTime();
    }

    /// <summary>A batch is journaled, or a change of the settings.</summary>
    public void Do(IEvent step)
    {
        Session.Do(step);
        CheckpointInTime();
    }

    /// <summary>Has the weights read, for those who serve them.</summary>
    /// <returns>False: they cannot be now.</returns>
    public bool ReadWeights() => Session.ReadWeights();

    /// <summary>All that is journaled, for <paramref name="replyTo"/>.</summary>
    public void Checkpoint(IActorRef replyTo)
    {
        _checkpoints.Add((State.BatchesAccepted, replyTo));
        Session.Checkpoint(State.BatchesAccepted);
    }

    public void CheckpointWhenDue()
    {
        if (
            State.BatchesAccepted - Session.CheckpointAskedFor >= State.Settings.CheckpointEvery
            || _checkpoints.Count > 0
        )
        {
            Session.Checkpoint(State.BatchesAccepted);
        }
    }

    /// <summary>So that a restart has little to do again, however slowly batches come.</summary>
    private void CheckpointInTime()
    {
        var seconds = State.Settings.CheckpointSeconds;
        if (seconds > 0 && !State.SinceCheckpoint.IsEmpty && !lineage.Timers.IsTimerActive(nameof(CheckpointInTime)))
        {
            lineage.Timers.After(
                nameof(CheckpointInTime),
                TimeSpan.FromSeconds(seconds),
                () => Session.Checkpoint(State.BatchesAccepted)
            );
        }
    }

    /// <summary>The checkpoint is journaled.</summary>
    public void Checkpointed(long batchNr)
    {
        foreach (var (_, replyTo) in _checkpoints.Where(c => c.BatchNr <= batchNr))
        {
            replyTo.Tell(State.ToReply());
        }

        _checkpoints.RemoveAll(c => c.BatchNr <= batchNr);
    }

    /// <returns>What is to be written down, and the id of its command.</returns>
    public (Decision Decision, string CommandId)? Hear(ILineageSessionReply reply)
    {
        Session.Answered(reply);
        switch (reply)
        {
            case LineageSessionOpened:
                _trouble.Opened();
                opened();
                return null;
            case BatchApplied applied:
                _trouble.Over();
                _tally.Add(applied.MeanLossBeforeUpdate, applied.Learned, applied.PassedOver);
                _appliedBatchNr = applied.BatchNr;
                RalmMetrics.SamplesLearned.Add(applied.Learned);
                TellPassedOver(applied);
                learned(applied.BatchNr);
                return State.Found(applied.Noticed, applied.Ended, applied.Measured, applied.Behind) is { } found
                    ? (found, $"found:{applied.BatchNr}")
                    : null;
            case WeightsRead read:
                weightsRead(read);
                return null;
            case BatchDiverged diverged when State.Diverged(diverged.BatchNr, diverged.Reason) is { } setAside:
                _appliedBatchNr = diverged.BatchNr;
                return (setAside, $"set-aside:{diverged.BatchNr}");
            case LineageCheckpointWritten written
                when State.Checkpointed(written.Checkpoint, written.BatchNr, _tally.Loss, _tally.PassedOver)
                    is { } checkpointed:
                return (checkpointed, $"checkpoint:{written.BatchNr}");
            case LineageSessionFailed { IsArtifactLost: true } lost when State.Checkpoint is not null:
                Rebuild(lost.Reason);
                return null;
            case LineageSessionFailed failed:
                StandStill(failed.Reason);
                return null;
            default:
                return null;
        }
    }

    /// <summary>What has become of a lost checkpoint.</summary>
    public void Hear(ILineageRebuildReply reply, IActorRef from)
    {
        switch (reply)
        {
            case LineageRebuilt rebuilt when from.Equals(_rebuild):
                OnRebuilt(rebuilt.Checkpoint);
                break;
            case LineageNotRebuilt not when from.Equals(_rebuild):
                StandStill(
                    $"the checkpoint of batch {State.CheckpointBatchNr} is lost and cannot be made anew: {not.Reason}"
                );
                break;
        }
    }

    public void End()
    {
        Forget(State.LineageId);
        EndRebuild();
        Session.Close();
    }

    private void OnSilence()
    {
        Meet($"the trainer has said nothing for {options.TrainerSilence.TotalSeconds} s");
        Begin();
    }

    private void TellPassedOver(BatchApplied applied)
    {
        if (applied.PassedOver > 0 && applied.BatchNr > _seenBatchNr)
        {
            RalmMetrics.LineagePassedOver.Add(State.LineageId, applied.PassedOver);
            lineage.Log.Warning(
                "{0}: {1} samples of batch {2} do not fit the schema and are passed over",
                lineage.PersistenceId,
                applied.PassedOver,
                applied.BatchNr
            );
        }

        _seenBatchNr = Math.Max(_seenBatchNr, applied.BatchNr);
    }

    /// <summary>The journal has all that the checkpoint had.</summary>
    private void Rebuild(string reason)
    {
        Session.Close();
        Meet($"the checkpoint of batch {State.CheckpointBatchNr} is lost and is made anew from the journal: {reason}");
        EndRebuild();
        var (state, events, silence) = (State, journal(), options.TrainerSilence);
        _rebuild = context.ActorOf(Props.Create(() => new LineageRebuildActor(state, trainer, events, silence)));
    }

    private void OnRebuilt(ArtifactRef checkpoint)
    {
        lineage.Log.Info(
            "{0}: the checkpoint of batch {1} is there again",
            lineage.PersistenceId,
            State.CheckpointBatchNr
        );
        if (State.Remade(checkpoint) is { } remade)
        {
            lineage.Write(remade, $"remade:{checkpoint.Hash[..32]}", Begin);
        }
        else
        {
            Begin();
            lineage.Publish();
        }
    }

    private void EndRebuild()
    {
        if (_rebuild is not null)
        {
            context.Stop(_rebuild);
            _rebuild = null;
        }
    }

    /// <summary>Until the next try.</summary>
    private void StandStill(string problem)
    {
        Meet(problem);
        Session.CloseUntil(_trouble.NextPause(), Begin);
    }

    private void Meet(string problem)
    {
        if (_trouble.Meet(problem))
        {
            lineage.Log.Error("{0}: {1}", lineage.PersistenceId, problem);
        }

        Measure();
    }
}
