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
public sealed partial record StudyState(
    string StudyId,
    StudyStarted? Started,
    ImmutableList<Trial> Trials,
    StudyStatus Phase,
    string Reason,
    BestHandedOver? HandedOver,
    BestEvaluationAsked? EvaluationAsked
) : IEntityState<StudyState>
{
    /// <summary>When so many first trials all fail, the fault is not in their parameters.</summary>
    private const int HopelessAfter = 5;

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
}
