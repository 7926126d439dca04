using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.Trainer.Domain.Runs;

namespace RalmActors.Trainer.Actors;

/// <summary>How a run feeds the trainer and hands its version over.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>Mini-batches sent to the trainer and not answered: 1 to 64; default 4.</summary>
    public int BatchesInFlight { get; init; } = 4;

    /// <summary>Silence of the trainer after which the attempt is given up: default 5 min.</summary>
    public TimeSpan TrainerSilence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait before another attempt, and before the registry is asked again: default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts without one finished epoch after which the run fails: default 10.</summary>
    public int MaxAttempts { get; init; } = 10;

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TrainingRunOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(BatchesInFlight, 1, 64)
            .Within(TrainerSilence, 0.01, 86400)
            .Within(RetryAfter, 0.001, 3600)
            .Within(MaxAttempts, 1, 1_000_000);
    }
}

/// <summary>
/// The shell of a training run: streams batches to the trainer of its node, journals each epoch, has the best checkpoint
/// judged on the test rows, and hands it to the registry. Whatever ends an attempt, the next one starts from the last epoch's checkpoint.
/// </summary>
public sealed class TrainingRunActor : EntityActor<TrainingRunState>, IWithTimers
{
    private readonly TrainingRunOptions _options;
    private readonly IActorRef _registry;
    private readonly RunAttempt _attempt;
    private int _fruitless;

    /// <param name="trainer">Answers the messages of <see cref="ITrainingSessionCommand"/>; on this node.</param>
    /// <param name="registry">The registry's region.</param>
    public TrainingRunActor(
        string runId,
        TrainingRunOptions options,
        TimeProvider clock,
        IActorRef trainer,
        IActorRef registry
    )
        : base(RegionNames.TrainingRun, runId, options.Entity, clock)
    {
        _options = options;
        _registry = registry;
        _attempt = new RunAttempt(runId, trainer, Self, options.BatchesInFlight, clock);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReady() => GoOn();

    protected override void OnChanged(TrainingRunState before, ImmutableArray<IEvent> events)
    {
        if (State.IsTraining && events[^1] is EpochCompleted)
        {
            _fruitless = 0;
            _attempt.StartEpoch(State);
            Watch();
            return;
        }

        GoOn();
    }

    protected override IWireMessage Answer(IQuery query)
    {
        var reply = base.Answer(query);
        if (reply is TrainingRunReply { Status: RunStatus.Training } run)
        {
            run.Progress = _attempt.Progress(State);
        }

        return reply;
    }

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case ITrainingSessionReply reply when _attempt.Owns(reply):
                OnTrainer(reply);
                return true;
            case ITrainingSessionReply:
                // Of an attempt given up.
                return true;
            case Retry:
                GoOn();
                return true;
            case Silence when _attempt.IsWaiting:
                _attempt.AskAgain(State);
                Watch();
                return true;
            case Silence:
                GiveUp($"the trainer has not answered for {_options.TrainerSilence}");
                return true;
            case CommandReply reply when State.OwesRegistration:
                OnRegistry(reply);
                return true;
            case CommandReply:
                return true;
            default:
                return false;
        }
    }

    protected override void PostStop()
    {
        _attempt.End();
        base.PostStop();
    }

    /// <summary>Takes up what the state says is still to be done.</summary>
    private void GoOn()
    {
        if (State.IsTraining)
        {
            _attempt.Begin(State);
            Watch();
            return;
        }

        if (State.OwesEvaluation)
        {
            _attempt.BeginEvaluation(State);
            Watch();
            return;
        }

        _attempt.End();
        Timers.CancelAll();
        if (State.OwesRegistration)
        {
            _registry.Tell(State.Registration());
            Timers.StartSingleTimer(Retry.Instance, Retry.Instance, _options.RetryAfter);
        }
        else if (State.Started is not null)
        {
            // Nothing left to do: an entity that is remembered leaves memory only when it asks to.
            Context.Parent.Tell(new Passivate(StopEntity.Instance));
        }
    }

    private void OnTrainer(ITrainingSessionReply reply)
    {
        switch (reply)
        {
            case TrainingSessionOpened opened:
                _attempt.Opened(opened, State);
                Watch();
                break;
            case TrainingSessionWaiting waiting:
                _attempt.Waiting(waiting);
                Watch();
                break;
            case WorkersPlaced placed:
                _attempt.Placed(placed);
                break;
            case BatchTrained trained:
                _attempt.Trained(trained);
                Watch();
                break;
            case EpochFinished finished:
                Write(State.FinishEpoch(finished.Result), $"epoch:{finished.Result.Epoch}");
                break;
            case EvaluationWritten written:
                Write(State.Evaluate(written.Evaluation, written.Metrics, written.Reason), "evaluated");
                break;
            case TrainingSessionFailed { Final: true } failed:
                Write(GivenUp(failed.Reason), "failed");
                break;
            case TrainingSessionFailed failed:
                GiveUp(failed.Reason);
                break;
        }
    }

    private void GiveUp(string reason)
    {
        Log.Warning("{0}: attempt given up after epoch {1}: {2}", PersistenceId, State.EpochsDone, reason);
        _attempt.End();
        Timers.CancelAll();
        if (++_fruitless >= _options.MaxAttempts)
        {
            Write(GivenUp($"{_fruitless} attempts without an epoch; the last one: {reason}"), "failed");
            return;
        }

        Timers.StartSingleTimer(Retry.Instance, Retry.Instance, _options.RetryAfter);
    }

    /// <summary>Weights that could not be trained fail the run; trained ones that cannot be judged are registered as they are.</summary>
    private Decision? GivenUp(string reason) =>
        State.OwesEvaluation ? State.Evaluate(null, [], reason) : State.Fail(reason);

    private void OnRegistry(CommandReply reply)
    {
        switch (reply.Outcome)
        {
            case CommandOutcome.Accepted or CommandOutcome.Duplicate:
                Write(State.HandOver(""), "handed-over");
                break;
            case CommandOutcome.Rejected:
                Log.Error("{0}: the registry refuses the version: {1}", PersistenceId, reply.Rejection);
                var refused = $"{reply.Rejection.Field} \"{reply.Rejection.Value}\" {reply.Rejection.Rule}";
                Write(State.HandOver(refused), "handed-over");
                break;
        }
    }

    private void Write(Decision? decision, string what)
    {
        if (decision is not null)
        {
            var header = new CommandHeader
            {
                CommandId = $"{what}:{EntityId}",
                CorrelationId = State.Started!.Header?.CorrelationId ?? "",
            };
            Commit(decision, header, _ => { });
        }
    }

    private void Watch() => Timers.StartSingleTimer(Silence.Instance, Silence.Instance, _options.TrainerSilence);

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }

    private sealed class Silence : INoSerializationVerificationNeeded
    {
        public static readonly Silence Instance = new();
    }
}
