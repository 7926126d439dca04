using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// One hyper-parameter search: what is searched, every trial with what its run has shown so far, and what each counts as.
/// Suggestions and verdicts follow from definition, seed and values alone, so a study cut off anywhere ends as it would
/// have ended.
/// </summary>
public sealed record StudyState(
    string StudyId,
    StudyStarted? Started,
    ImmutableList<Trial> Trials,
    StudyStatus Phase,
    string Reason,
    BestHandedOver? HandedOver,
    BestEvaluationAsked? EvaluationAsked
) : IEntityState<StudyState>
{
    public StudyDefinition Definition => Started!.Definition;

    /// <summary>Trials whose runs may be under way somewhere.</summary>
    public IEnumerable<Trial> UnderWay => Trials.Where(t => !t.RunOver);

    public Trial? Best => Started is null ? null : TrialRanking.Best(Definition.Objective, Trials);

    public bool OwesRegistration =>
        Phase == StudyStatus.SearchCompleted && HandedOver is null && Definition.Family.Length > 0;

    /// <summary>The registry has the best trial's version, and nobody has asked yet how good it is on the test rows.</summary>
    public bool OwesEvaluation => HandedOver is { Refused: "" } && EvaluationAsked is null;

    public static StudyState Empty(string entityId) => new(entityId, null, [], StudyStatus.Unspecified, "", null, null);

    public static StudyState FromSnapshot(string entityId, IWireMessage snapshot)
    {
        var s = (StudySnapshot)snapshot;
        return new(entityId, s.Started, [.. s.Trials], s.Status, s.Reason, s.HandedOver, s.EvaluationAsked);
    }

    public IWireMessage ToSnapshot() =>
        new StudySnapshot
        {
            Started = Started,
            Trials = { Trials },
            Status = Phase,
            Reason = Reason,
            HandedOver = HandedOver,
            EvaluationAsked = EvaluationAsked,
        };

    /// <summary>Is the trial's run to go on? Otherwise it is to be cancelled.</summary>
    public bool Wants(Trial trial) => Phase == StudyStatus.Searching && trial.Outcome == TrialOutcome.Unspecified;

    public Decision Decide(ICommand command, DateTimeOffset now) =>
        command switch
        {
            StartStudy c => Decide(c),
            CancelStudy c => Decide(c),
            ResumeStudy c => Decide(c),
            _ => throw new NotSupportedException(command.GetType().Name),
        };

    public StudyState Apply(IEvent e) =>
        e switch
        {
            StudyStarted started => this with { Started = started, Phase = StudyStatus.Searching },
            TrialStarted started => this with { Trials = Start(started) },
            TrialAdvanced advanced => Change(advanced.Trial, t => t.Values.Add(advanced.Values)),
            TrialLapsed lapsed => Change(lapsed.Trial, t => t.Lease = lapsed.Lease + 1),
            TrialRunEnded ended => Change(ended.Trial, t => (t.End, t.RunOver) = (ended.End, true)),
            TrialRunStopped stopped => Change(stopped.Trial, t => t.RunOver = true),
            TrialClosed closed => Change(closed.Trial, t => Close(t, closed)),
            StudyCancelled cancelled => this with { Phase = StudyStatus.SearchCancelled, Reason = cancelled.Reason },
            StudyResumed => this with { Phase = StudyStatus.Searching, Reason = "" },
            StudyCompleted => this with { Phase = StudyStatus.SearchCompleted },
            StudyFailed failed => this with { Phase = StudyStatus.SearchFailed, Reason = failed.Reason },
            BestHandedOver handedOver => this with { HandedOver = handedOver },
            BestEvaluationAsked asked => this with { EvaluationAsked = asked },
            _ => throw new NotSupportedException(e.GetType().Name),
        };

    public IWireMessage Answer(IQuery query) => StudyAnswers.To(this, query);

    /// <summary>
    /// What a watcher has seen of a run. <c>null</c> when it brings nothing new, or is of an older attempt or lease.
    /// </summary>
    public Decision? Report(int number, int attempt, int lease, TrainingRunReply run)
    {
        if (Watched(number, attempt, lease) is not { } trial)
        {
            return null;
        }

        var events = new List<IEvent>();
        var values = run.Epochs.Skip(trial.Values.Count).Select(ValueOf).ToArray();
        if (values.Length > 0 && trial.Outcome == TrialOutcome.Unspecified)
        {
            events.Add(new TrialAdvanced { Trial = number, Values = { values } });
        }

        switch (run.Status)
        {
            case RunStatus.Completed or RunStatus.Failed when trial.Outcome == TrialOutcome.Unspecified:
                events.Add(new TrialRunEnded { Trial = number, End = EndOf(run) });
                break;
            case RunStatus.Cancelled when Wants(trial):
                events.Add(Failed(number, $"its run was cancelled: {run.Reason}"));
                break;
            case RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled:
                events.Add(new TrialRunStopped { Trial = number });
                break;
        }

        return events.Count == 0 ? null : Accept([.. events]);
    }

    /// <summary>The run cannot be started. <c>null</c> when nobody asks any more.</summary>
    public Decision? Refuse(int number, int attempt, int lease, string reason) =>
        Watched(number, attempt, lease) is { } trial
            ? trial.Outcome == TrialOutcome.Unspecified
                ? Accept(Failed(number, reason))
                : Accept(new TrialRunStopped { Trial = number })
            : null;

    /// <summary>The run has shown no progress for the time of its lease. <c>null</c> when that lease is not the last.</summary>
    public Decision? Lapse(int number, int attempt, int lease) =>
        Watched(number, attempt, lease) is null
            ? null
            : Decision.Accept(new TrialLapsed { Trial = number, Lease = lease });

    /// <summary>The best version goes to the registry; then somebody is asked how good it is on the test rows.</summary>
    public IEnumerable<OutgoingCommand> Outbox =>
        OwesRegistration ? [new OutgoingCommand("version", typeof(RegistryRegion), this.Registration)]
        : OwesEvaluation ? [new OutgoingCommand("evaluation", typeof(EvaluatorKey), this.EvaluationRequest)]
        : [];

    /// <summary>What was owed is taken, or refused for good. <c>null</c> when that is known already.</summary>
    public Decision? Settle(Settlement settled) =>
        settled.Key switch
        {
            "version" when OwesRegistration => Decision.Accept(new BestHandedOver { Refused = settled.Reason }),
            "evaluation" when OwesEvaluation => Decision.Accept(new BestEvaluationAsked { Refused = settled.Reason }),
            _ => null,
        };

    /// <summary>What follows from the state without anybody asking; <c>null</c> when nothing does.</summary>
    public Decision? GoOn() => StudyProgress.FollowUp(this) is { Length: > 0 } events ? new Decision(events) : null;

    private Decision Decide(StartStudy c) =>
        StudyRules.Check(c) is { } rejection ? Decision.Refuse(rejection)
        : Started is null ? Accept(StudyRules.Started(c))
        : StudyRules.Started(c).Definition.Equals(Definition) ? Decision.Nothing
        : Decision.Conflict("study_id", c.StudyId, "is taken by a study with another definition");

    private Decision Decide(CancelStudy c) =>
        Started is null ? Decision.NotFound("study_id", c.StudyId, "was never started")
        : Phase == StudyStatus.SearchCancelled ? Decision.Nothing
        : Phase != StudyStatus.Searching ? Decision.Conflict("study_id", c.StudyId, $"is over ({Phase})")
        : Decision.Accept(new StudyCancelled { Reason = c.Reason });

    private Decision Decide(ResumeStudy c) =>
        Started is null ? Decision.NotFound("study_id", c.StudyId, "was never started")
        : Phase == StudyStatus.Searching ? Decision.Nothing
        : Phase != StudyStatus.SearchCancelled ? Decision.Conflict("study_id", c.StudyId, $"is over ({Phase})")
        : UnderWay.FirstOrDefault() is { } stopping
            ? Decision.Conflict("study_id", c.StudyId, $"is still stopping the run {stopping.RunId}: repeat it")
        : Accept(new StudyResumed());

    private ImmutableList<Trial> Start(TrialStarted e)
    {
        // A trial cut short keeps what its run had shown: the same seed shows the same again.
        var trial = e.Trial <= Trials.Count ? Trials[e.Trial - 1].Clone() : new Trial { Number = e.Trial };
        trial.Attempt = e.Attempt;
        trial.Lease++;
        trial.RunId = e.RunId;
        trial.Config = e.Config;
        trial.RunOver = false;
        if (e.Trial <= Trials.Count)
        {
            return Trials.SetItem(e.Trial - 1, trial);
        }

        trial.Parameters.Add(e.Parameters);
        return Trials.Add(trial);
    }

    /// <summary>Messages are mutable, states are not: the next form of a trial is a copy.</summary>
    private StudyState Change(int number, Action<Trial> change)
    {
        if (number < 1 || number > Trials.Count)
        {
            return this;
        }

        var trial = Trials[number - 1].Clone();
        change(trial);
        return this with { Trials = Trials.SetItem(number - 1, trial) };
    }

    private static void Close(Trial trial, TrialClosed e) =>
        (trial.Outcome, trial.Epoch, trial.Value, trial.Reason) = (e.Outcome, e.Epoch, e.Value, e.Reason);

    /// <summary>The events, and what follows from them.</summary>
    private Decision Accept(params ReadOnlySpan<IEvent> events)
    {
        var next = this;
        foreach (var e in events)
        {
            next = next.Apply(e);
        }

        return new Decision([.. events, .. StudyProgress.FollowUp(next)]);
    }

    private Trial? Watched(int number, int attempt, int lease) =>
        number >= 1
        && number <= Trials.Count
        && Trials[number - 1] is { RunOver: false } trial
        && trial.Attempt == attempt
        && trial.Lease == lease
            ? trial
            : null;

    private double ValueOf(EpochCompleted epoch) =>
        Definition.Objective == Objective.ValidLogLoss ? epoch.ValidLogLoss : epoch.ValidAuc;

    private static TrialRunEnded Failed(int number, string reason) =>
        new()
        {
            Trial = number,
            End = new TrialEnd { Failed = true, Reason = reason },
        };

    private static TrialEnd EndOf(TrainingRunReply run) =>
        new()
        {
            Failed = run.Status == RunStatus.Failed,
            Reason = run.Reason,
            Artifact = run.Artifact,
            Metrics = { run.Metrics },
            SchemaId = run.SchemaId,
            EffectiveConfig = run.EffectiveConfig,
            CodeVersion = run.CodeVersion,
        };
}
