using Akka.Actor;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Actors;

/// <summary>What a trial's watcher tells its study. Trial, attempt and lease say whose word it is.</summary>
internal abstract record TrialReport(int Trial, int Attempt, int Lease) : INoSerializationVerificationNeeded;

/// <summary>The run has moved, or is over.</summary>
internal sealed record TrialProgressed(int Trial, int Attempt, int Lease, TrainingRunReply Run)
    : TrialReport(Trial, Attempt, Lease);

internal sealed record TrialRefused(int Trial, int Attempt, int Lease, string Reason)
    : TrialReport(Trial, Attempt, Lease);

/// <summary>No progress for the time of the lease.</summary>
internal sealed record TrialStalled(int Trial, int Attempt, int Lease) : TrialReport(Trial, Attempt, Lease);

/// <summary>To a watcher: the run is not wanted any more.</summary>
internal sealed record StopRun(CancelTraining Cancel) : INoSerializationVerificationNeeded;

/// <summary>
/// Watches one run for a study, under one lease: starts it, looks at it, and makes sure that it is over when it is not
/// wanted. It remembers nothing that matters; another one in its place does the same again, with the same command ids.
/// </summary>
internal sealed class StudyTrialActor : UntypedActor, IWithTimers
{
    private const string Start = "start";

    private readonly Trial _trial;
    private readonly StartTraining _start;
    private readonly StudyOptions _options;
    private readonly IActorRef _runs;
    private CancelTraining? _cancel;
    private bool _answered;
    private bool _taken;
    private bool _over;
    private OutboxSender? _outbox;
    private (int Epochs, int Epoch, int Batch) _progress = (-1, 0, 0);
    private TimeSpan _pause;

    /// <param name="runs">The region of training runs.</param>
    public StudyTrialActor(Trial trial, StartTraining start, StudyOptions options, IActorRef runs)
    {
        _trial = trial;
        _start = start;
        _options = options;
        _runs = runs;
        _pause = options.LookMin;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _outbox = new OutboxSender(Timers, RetryPauses.From(_options.RetryAfter), _ => _runs, Self);
        _outbox.Begin(new OutgoingCommand(Start, typeof(TrainingRunRegion), () => _start));
        Renew();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case CommandReply reply:
                if (_outbox!.Hear(reply) is { } settled)
                {
                    OnSettled(settled);
                }

                break;
            case Tick tick:
                tick.Do();
                break;
            case TrainingRunReply run:
                OnRun(run);
                break;
            case StopRun stop when _cancel is null:
                _cancel = stop.Cancel;
                Timers.Cancel(nameof(Lapse));
                if (_answered)
                {
                    Cancel();
                }

                break;
        }
    }

    private void OnSettled(Settlement settled)
    {
        if (settled.Key == Start && settled.Refused is { Code: not RejectionCode.Conflict })
        {
            Refused($"its run is refused: {settled.Reason}");
            return;
        }

        // A start in conflict: the id is taken, by an earlier start of ours or by another's run.
        _taken |= settled.Key == Start && settled.Refused is not null;
        if (settled.Key == Start && _cancel is not null)
        {
            Cancel();
            return;
        }

        // A cancellation that is refused: the run is over.
        _answered = true;
        LookAt();
    }

    /// <summary>
    /// Only after the answer to the start: the run then exists, and a start still under way cannot bring it to life after
    /// the cancellation.
    /// </summary>
    private void Cancel()
    {
        _answered = false;
        _outbox!.Begin(new OutgoingCommand("cancel", typeof(TrainingRunRegion), () => _cancel!));
    }

    private void OnRun(TrainingRunReply run)
    {
        if (_over || !_answered)
        {
            return;
        }

        if (_taken && !run.Config.Equals(_start.Config))
        {
            Refused($"the run {run.RunId} is another's");
            return;
        }

        var progress = (run.Epochs.Count, run.Progress?.Epoch ?? 0, run.Progress?.Batch ?? 0);
        var moved = run.Epochs.Count != _progress.Epochs;
        // A run that waits for the trainer, or for a person, is alive though it does not move.
        var waits = run.Status == RunStatus.Paused || run.Progress?.QueuePlace > 0;
        if ((waits || progress != _progress) && _cancel is null)
        {
            Renew();
        }

        _progress = progress;
        _over = run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;
        if (_over || (moved && _cancel is null))
        {
            Context.Parent.Tell(new TrialProgressed(_trial.Number, _trial.Attempt, _trial.Lease, run));
        }

        // An eighth longer each time: a look comes late by about an eighth of what it has waited for.
        _pause = moved ? _options.LookMin : TimeSpan.FromTicks(Math.Min(_options.LookMax.Ticks, _pause.Ticks * 9 / 8));
    }

    private void Refused(string reason)
    {
        _over = true;
        Context.Parent.Tell(new TrialRefused(_trial.Number, _trial.Attempt, _trial.Lease, reason));
    }

    private void LookAt()
    {
        _runs.Tell(new GetTrainingRun { RunId = _trial.RunId });
        Timers.After(nameof(LookAgain), _pause, LookAgain);
    }

    private void LookAgain()
    {
        if (!_over)
        {
            LookAt();
        }
    }

    private void Renew() => Timers.After(nameof(Lapse), _options.Lease, Lapse);

    private void Lapse() => Context.Parent.Tell(new TrialStalled(_trial.Number, _trial.Attempt, _trial.Lease));
}
