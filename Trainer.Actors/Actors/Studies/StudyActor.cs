using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Studies;

namespace RalmActors.Trainer.Actors;

/// <summary>
/// The shell of a study: a watcher for every run that may be under way, the registry for the best trial, and the evaluator
/// for its version. All of it follows from the state, so the next incarnation takes up where this one was.
/// </summary>
public sealed class StudyActor : EntityActor<StudyState>
{
    private readonly StudyOptions _options;
    private readonly IActorRef _runs;
    private readonly IActorRef _registry;
    private readonly IActorRef _evaluator;
    private readonly Dictionary<(int Trial, int Attempt, int Lease), IActorRef> _watchers = [];

    /// <param name="runs">The region of training runs.</param>
    /// <param name="registry">The registry's region.</param>
    /// <param name="evaluator">Takes <see cref="RequestEvaluation"/>.</param>
    public StudyActor(
        string studyId,
        StudyOptions options,
        TimeProvider clock,
        IActorRef runs,
        IActorRef registry,
        IActorRef evaluator
    )
        : base(RegionNames.Study, studyId, options.Entity, clock)
    {
        _options = options;
        _runs = runs;
        _registry = registry;
        _evaluator = evaluator;
    }

    protected override void OnReady() => Self.Tell(Awake.Instance);

    protected override void OnChanged(StudyState before, ImmutableArray<IEvent> events) => GoOn();

    protected override RetryPauses Pauses => RetryPauses.From(_options.RetryAfter);

    protected override ICanTell Way(Type region) => region == typeof(RegistryRegion) ? _registry : _evaluator;

    protected override bool OnOther(object message)
    {
        switch (message)
        {
            case Awake when State.GoOn() is { } decision:
                Write(decision, EntityId);
                return true;
            case Awake:
                GoOn();
                return true;
            case TrialProgressed seen:
                Write(State.Report(seen.Trial, seen.Attempt, seen.Lease, seen.Run), seen.Run.RunId);
                return true;
            case TrialRefused refused:
                Write(State.Refuse(refused.Trial, refused.Attempt, refused.Lease, refused.Reason), EntityId);
                return true;
            case TrialStalled silent:
                Log.Warning("{0}: no progress of trial {1}; it is started again", PersistenceId, silent.Trial);
                Write(State.Lapse(silent.Trial, silent.Attempt, silent.Lease), EntityId);
                return true;
            case CommandReply:
                // Of an attempt that another reply has settled.
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes up what the state says is still to be done.</summary>
    private void GoOn()
    {
        var underWay = State.UnderWay.ToDictionary(t => (t.Number, t.Attempt, t.Lease));
        foreach (var (key, watcher) in _watchers.Where(w => !underWay.ContainsKey(w.Key)).ToArray())
        {
            Context.Stop(watcher);
            _watchers.Remove(key);
        }

        foreach (var (key, trial) in underWay)
        {
            if (!_watchers.TryGetValue(key, out var watcher))
            {
                var start = State.StartOf(trial);
                _watchers[key] = watcher = Context.ActorOf(
                    Props.Create(() => new StudyTrialActor(trial, start, _options, _runs))
                );
            }

            if (!State.Wants(trial))
            {
                watcher.Tell(new StopRun(State.CancelOf(trial)));
            }
        }

        if (underWay.Count == 0 && State.Started is not null && !State.OwesRegistration && !State.OwesEvaluation)
        {
            LeaveMemory();
        }
    }

    /// <param name="cause">The run whose news it is, or the study itself: few ids, so that they push no command's out.</param>
    private void Write(Decision? decision, string cause)
    {
        if (decision is not null)
        {
            var header = new CommandHeader
            {
                CommandId = $"of:{cause}",
                CorrelationId = State.Started?.Header?.CorrelationId ?? "",
            };
            Commit(decision, header, _ => { });
        }
    }

    private sealed class Awake : INoSerializationVerificationNeeded
    {
        public static readonly Awake Instance = new();
    }
}
