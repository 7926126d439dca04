using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>The evidence as it was, at moments spread evenly over a test's reports.</summary>
internal sealed class Timeline
{
    private readonly long _every;
    private long _reports;

    /// <param name="events">Of the test, about as many as are going to come.</param>
    /// <param name="points">How many moments to keep at most.</param>
    public Timeline(long events, int points) => _every = Math.Max(1, (events + points - 1) / points);

    public List<Moment> Moments { get; } = [];

    /// <summary>Looks at a test after a report; the newest one always counts.</summary>
    public void InterimLook(ExperimentState experiment, Timestamp? at, bool isLast)
    {
        if (_reports++ % _every != 0 && !isLast)
        {
            return;
        }

        if (InterimEvidence.Of(experiment) is { } now)
        {
            Moments.Add(
                new Moment
                {
                    SequenceNr = experiment.SequenceNr,
                    At = at,
                    Units = experiment.UnitsOf(experiment.Definition!.Metric),
                    Comparisons = { now.All },
                    SampleRatio = { experiment.SampleRatio.Values },
                }
            );
        }
    }

    /// <summary>Every phase as if it had been the whole test, by what is valid at any look.</summary>
    public static IEnumerable<PhaseEvidence> Phases(ExperimentState experiment)
    {
        foreach (var phase in experiment.Merged.Keys.Select(k => k.Phase).Distinct())
        {
            var alone = experiment with
            {
                Merged = experiment.Merged.RemoveRange(experiment.Merged.Keys.Where(k => k.Phase != phase)),
                Phase = phase,
                Evidence = experiment.Evidence.Clear(),
            };
            if (InterimEvidence.Of(alone, Question.AtAnyTime(experiment.Definition!)) is { } evidence)
            {
                yield return new PhaseEvidence { Phase = phase, Comparisons = { evidence.All } };
            }
        }
    }
}
