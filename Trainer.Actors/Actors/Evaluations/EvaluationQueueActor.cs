using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Evaluation;

namespace RalmActors.Trainer.Actors;

/// <summary>How asked-for evaluations follow the trainer.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Silence of the trainer after which the attempt is given up: default 5 min.</summary>
    public TimeSpan TrainerSilence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait before another attempt, and before the registry is asked again: default 1 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts after which an evaluation fails: default 10.</summary>
    public int MaxAttempts { get; init; } = 10;

    public EntityOptions Entity { get; init; } = new();

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public EvaluationOptions Checked()
    {
        _ = Entity.Checked();
        return this.Within(TrainerSilence, 0.01, 86400)
            .Within(RetryAfter, 0.001, 3600)
            .Within(MaxAttempts, 1, 1_000_000);
    }
}

/// <summary>
/// The shell of a family's evaluations: has the trainer of its node judge one after the other, journals what comes out, and
/// tells the registry. All of it follows from the state, so the next incarnation takes up where this one was.
/// </summary>
public sealed class EvaluationQueueActor : EntityActor<EvaluationQueue>
{
    private readonly EvaluationOptions _options;
    private readonly Func<Type, ICanTell?> _way;
    private readonly string _runId;
    private readonly TrainerSession _session;
    private RequestedEvaluation? _judged;
    private int _attempts;

    /// <param name="trainer">Answers <see cref="EvaluateVersion"/>; on this node.</param>
    /// <param name="way">To the regions of the registry and of training runs.</param>
    public EvaluationQueueActor(
        string family,
        EvaluationOptions options,
        TimeProvider clock,
        IActorRef trainer,
        Func<Type, ICanTell?> way
    )
        : base(RegionNames.Evaluation, family, options.Entity, clock)
    {
        (_options, _way) = (options, way);
        // No run can be called so: ids have no spaces.
        _runId = $"evaluation of {family}";
        _session = new TrainerSession(
            this,
            Self,
            trainer,
            options.TrainerSilence,
            Silence,
            id => new CloseTrainingSession(_runId, id)
        );
    }

    protected override void OnReady() => GoOn();

    protected override void OnChanged(EvaluationQueue before, ImmutableArray<IEvent> events) => GoOn();

    protected override RetryPauses Pauses => RetryPauses.From(_options.RetryAfter);

    protected override ICanTell? Way(Type region) => _way(region);

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case EvaluationWritten written when _session.Owns(written):
                Write(State.End(_judged!, written.Evaluation, written.Metrics, written.Reason), "evaluated");
                return true;
            case TrainingSessionFailed failed when _session.Owns(failed):
                GiveUp(failed.Reason, failed.Final);
                return true;
            case ITrainingSessionReply:
                // Of an attempt given up.
                return true;
            case CommandReply:
                // Of an attempt that another reply has settled.
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

    /// <summary>Takes up what the state says is still to be done. What is under way goes on.</summary>
    private void GoOn()
    {
        switch (State.Next)
        {
            case { Status: EvaluationStatus.EvaluationPending } pending:
                Judge(pending);
                break;
            case { }:
                _session.Close();
                break;
            case null:
                _session.Close();
                if (!State.Asked.IsEmpty)
                {
                    LeaveMemory();
                }

                break;
        }
    }

    private void Judge(RequestedEvaluation next)
    {
        if (_session.Id is not null && next.Equals(_judged))
        {
            return;
        }

        _attempts = next.Equals(_judged) ? _attempts : 0;
        _judged = next;
        var id = _session.Open();
        var version = new JudgedVersion(EntityId, next.VersionId, next.DatasetPath, next.DatasetHash);
        _session.Tell(new EvaluateVersion(_runId, id, version, next.Artifact, next.Epochs));
        _session.Watch();
    }

    private void Silence() => GiveUp($"the trainer has not answered for {_options.TrainerSilence}", final: false);

    private void GiveUp(string reason, bool final)
    {
        Log.Warning("{0}: {1} cannot be judged: {2}", PersistenceId, _judged!.VersionId, reason);
        if (final || ++_attempts >= _options.MaxAttempts)
        {
            _session.Close();
            Write(State.End(_judged, null, [], reason), "not-evaluated");
            return;
        }

        _session.CloseUntil(_options.RetryAfter, GoOn);
    }

    private void Write(Decision? decision, string what)
    {
        if (decision is not null)
        {
            var header = new CommandHeader
            {
                CommandId = $"{what}:{EntityId}",
                CorrelationId = State.Next?.CorrelationId ?? "",
            };
            Commit(decision, header, _ => { });
        }
    }
}
