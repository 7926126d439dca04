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
public sealed class TrainingRunActor : EntityActor<TrainingRunState>
{
    private readonly TrainingRunOptions _options;
    private readonly Func<Type, ICanTell?> _way;
    private readonly RunAttempt _attempt;
    private int _fruitless;

    /// <param name="trainer">Answers the messages of <see cref="ITrainingSessionCommand"/>; on this node.</param>
    /// <param name="way">To the regions of evaluations and of the registry.</param>
    public TrainingRunActor(
        string runId,
        TrainingRunOptions options,
        TimeProvider clock,
        IActorRef trainer,
        Func<Type, ICanTell?> way
    )
        : base(RegionNames.TrainingRun, runId, options.Entity, clock)
    {
        _options = options;
        _way = way;
        var session = new TrainerSession(
            this,
            Self,
            trainer,
            options.TrainerSilence,
            Silence,
            id => new CloseTrainingSession(runId, id)
        );
        _attempt = new RunAttempt(runId, session, options.BatchesInFlight, clock);
    }

    protected override void OnReady() => GoOn();

    protected override void OnChanged(TrainingRunState before, ImmutableArray<IEvent> events)
    {
        if (State.IsTraining && events[^1] is EpochCompleted)
        {
            _fruitless = 0;
            _attempt.StartEpoch(State);
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

    protected override RetryPauses Pauses => RetryPauses.From(_options.RetryAfter);

    protected override ICanTell? Way(Type region) => _way(region);

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
            return;
        }

        _attempt.End();
        if (State.Started is not null && !State.OwesEvaluation && !State.OwesRegistration)
        {
            LeaveMemory();
        }
    }

    private void OnTrainer(ITrainingSessionReply reply)
    {
        switch (reply)
        {
            case TrainingSessionOpened opened:
                _attempt.Opened(opened, State);
                break;
            case TrainingSessionWaiting waiting:
                _attempt.Waiting(waiting);
                break;
            case WorkersPlaced placed:
                _attempt.Placed(placed);
                break;
            case BatchTrained trained:
                _attempt.Trained(trained);
                break;
            case EpochFinished finished:
                Write(State.FinishEpoch(finished.Result), $"epoch:{finished.Result.Epoch}");
                break;
            case TrainingSessionFailed { Final: true } failed:
                Write(State.Fail(failed.Reason), "failed");
                break;
            case TrainingSessionFailed failed:
                GiveUp(failed.Reason);
                break;
        }
    }

    private void GiveUp(string reason)
    {
        Log.Warning("{0}: attempt given up after epoch {1}: {2}", PersistenceId, State.EpochsDone, reason);
        if (++_fruitless >= _options.MaxAttempts)
        {
            _attempt.End();
            Write(State.Fail($"{_fruitless} attempts without an epoch; the last one: {reason}"), "failed");
            return;
        }

        _attempt.EndUntil(_options.RetryAfter, GoOn);
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

    private void Silence()
    {
        if (_attempt.IsWaiting)
        {
            _attempt.AskAgain(State);
        }
        else
        {
            GiveUp($"the trainer has not answered for {_options.TrainerSilence}");
        }
    }
}
