using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>What a study does next without anybody asking: trials that can be judged are closed, others begin, and it ends.</summary>
internal static class StudyProgress
{
    /// <summary>When so many first trials all fail, the fault is not in their parameters.</summary>
    private const int HopelessAfter = 5;

    /// <summary>All that follows from the state, in order.</summary>
    public static ImmutableArray<IEvent> FollowUp(StudyState study)
    {
        if (study.Phase is not (StudyStatus.Searching or StudyStatus.SearchCancelled))
        {
            return [];
        }

        var events = ImmutableArray.CreateBuilder<IEvent>();
        var next = study;
        while (NextStep(next) is { IsEmpty: false } step)
        {
            events.AddRange(step);
            next = step.Aggregate(next, (state, e) => state.Apply(e));
        }

        return events.ToImmutable();
    }

    private static ImmutableArray<IEvent> NextStep(StudyState study)
    {
        IEvent[] closed = [.. Verdicts.Of(study.Definition, study.Trials)];
        return closed.Length > 0 ? [.. closed]
            : study.Phase != StudyStatus.Searching ? []
            : End(study) is { } end ? [end]
            : NextTrial(study) is { } trial ? [trial]
            : [];
    }

    private static IEvent? End(StudyState study)
    {
        var (d, trials) = (study.Definition, study.Trials);
        var first = trials.Take(Math.Min(HopelessAfter, d.Trials)).ToArray();
        var ended = trials.Count == d.Trials && trials.TrueForAll(t => t.Outcome != TrialOutcome.Unspecified);
        return first.Length == Math.Min(HopelessAfter, d.Trials)
            && Array.TrueForAll(first, t => t.Outcome == TrialOutcome.TrialFailed)
                ? new StudyFailed { Reason = $"the first {first.Length} trials failed: {first[0].Reason}" }
            : !ended ? null
            : study.Best is { } best ? new StudyCompleted { BestTrial = best.Number, BestValue = best.Value }
            : new StudyFailed { Reason = "no trial completed" };
    }

    private static TrialStarted? NextTrial(StudyState study)
    {
        var (d, trials) = (study.Definition, study.Trials);
        if (study.UnderWay.Count() >= d.MaxParallel)
        {
            return null;
        }

        if (trials.Find(IsCutShort) is { } cut)
        {
            return Starting(study, cut.Number, cut.Attempt + 1, cut.Parameters, cut.Config);
        }

        var number = trials.Count + 1;
        return number <= d.Trials && Suggestions.For(d, trials, number) is { } parameters
            ? Starting(
                study,
                number,
                attempt: 1,
                parameters,
                new SearchSpace(d).Config(parameters, TrialSeeds.ForRun(d.RandomSeed, number))
            )
            : null;
    }

    private static TrialStarted Starting(
        StudyState study,
        int number,
        int attempt,
        IEnumerable<ParameterValue> parameters,
        TrainingConfig config
    ) =>
        new()
        {
            Trial = number,
            Attempt = attempt,
            RunId = attempt == 1 ? $"{study.StudyId}:{number}" : $"{study.StudyId}:{number}:{attempt}",
            Parameters = { parameters },
            Config = config,
        };

    private static bool IsCutShort(Trial trial) =>
        trial is { RunOver: true, End: null, Outcome: TrialOutcome.Unspecified };
}
