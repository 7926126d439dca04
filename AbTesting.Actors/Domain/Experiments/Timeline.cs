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
    public void InterimLook(ExperimentState test, Timestamp? at, bool isLast)
    {
        if (_reports++ % _every != 0 && !isLast)
        {
            return;
        }

        if (InterimEvidence.Of(test) is { } now)
        {
            Moments.Add(
                new Moment
                {
                    SequenceNr = test.SequenceNr,
                    At = at,
                    Units = test.UnitsOf(test.Definition!.Metric),
                    Comparisons = { now.All },
                    SampleRatio = { test.SampleRatio.Values },
                }
            );
        }
    }

    /// <summary>Every phase as if it had been the whole test, by what is valid at any look.</summary>
    public static IEnumerable<PhaseEvidence> Phases(ExperimentState test)
    {
        foreach (var phase in test.Merged.Keys.Select(k => k.Phase).Distinct())
        {
            var alone = test with
            {
                Merged = test.Merged.RemoveRange(test.Merged.Keys.Where(k => k.Phase != phase)),
                Phase = phase,
                Evidence = test.Evidence.Clear(),
            };
            if (InterimEvidence.Of(alone, Question.AtAnyTime(test.Definition!)) is { } evidence)
            {
                yield return new PhaseEvidence { Phase = phase, Comparisons = { evidence.All } };
            }
        }
    }
}
