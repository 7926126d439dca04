using System.Collections.Immutable;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study does next, and what the answers of its runs do to it.</summary>
public sealed partial record StudyState
{
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
        OwesRegistration ? [new OutgoingCommand("version", typeof(RegistryRegion), Registration)]
        : OwesEvaluation ? [new OutgoingCommand("evaluation", typeof(EvaluatorKey), EvaluationRequest)]
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
    public Decision? GoOn() => FollowUp() is { Length: > 0 } events ? new Decision(events) : null;

    /// <summary>The events, and what follows from them.</summary>
    private Decision Accept(params ReadOnlySpan<IEvent> events)
    {
        var next = this;
        foreach (var e in events)
        {
            next = next.Apply(e);
        }

        return new Decision([.. events, .. next.FollowUp()]);
    }

    private ImmutableArray<IEvent> FollowUp()
    {
        if (Phase is not (StudyStatus.Searching or StudyStatus.SearchCancelled))
        {
            return [];
        }

        var events = ImmutableArray.CreateBuilder<IEvent>();
        var next = this;
        while (next.NextStep() is { IsEmpty: false } step)
        {
            events.AddRange(step);
            next = step.Aggregate(next, (state, e) => state.Apply(e));
        }

        return events.ToImmutable();
    }

    private ImmutableArray<IEvent> NextStep()
    {
        IEvent[] closed = [.. Verdicts.Of(Definition, Trials)];
        return closed.Length > 0 ? [.. closed]
            : Phase != StudyStatus.Searching ? []
            : End() is { } end ? [end]
            : NextTrial() is { } trial ? [trial]
            : [];
    }

    private IEvent? End()
    {
        var first = Trials.Take(Math.Min(HopelessAfter, Definition.Trials)).ToArray();
        var ended = Trials.Count == Definition.Trials && Trials.TrueForAll(t => t.Outcome != TrialOutcome.Unspecified);
        return first.Length == Math.Min(HopelessAfter, Definition.Trials)
            && Array.TrueForAll(first, t => t.Outcome == TrialOutcome.TrialFailed)
                ? new StudyFailed { Reason = $"the first {first.Length} trials failed: {first[0].Reason}" }
            : !ended ? null
            : Best is { } best ? new StudyCompleted { BestTrial = best.Number, BestValue = best.Value }
            : new StudyFailed { Reason = "no trial completed" };
    }

    private TrialStarted? NextTrial()
    {
        if (UnderWay.Count() >= Definition.MaxParallel)
        {
            return null;
        }

        if (Trials.Find(IsCutShort) is { } cut)
        {
            return Starting(cut.Number, cut.Attempt + 1, cut.Parameters, cut.Config);
        }

        var number = Trials.Count + 1;
        return number <= Definition.Trials && Suggestions.For(Definition, Trials, number) is { } parameters
            ? Starting(
                number,
                attempt: 1,
                parameters,
                new SearchSpace(Definition).Config(parameters, TrialSeeds.ForRun(Definition.RandomSeed, number))
            )
            : null;
    }

    private TrialStarted Starting(
        int number,
        int attempt,
        IEnumerable<ParameterValue> parameters,
        TrainingConfig config
    ) =>
        new()
        {
            Trial = number,
            Attempt = attempt,
            RunId = attempt == 1 ? $"{StudyId}:{number}" : $"{StudyId}:{number}:{attempt}",
            Parameters = { parameters },
            Config = config,
        };

    private static bool IsCutShort(Trial trial) =>
        trial is { RunOver: true, End: null, Outcome: TrialOutcome.Unspecified };

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
