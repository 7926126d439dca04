using System.Collections.Immutable;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Catalogue;

/// <summary>All experiments and all that was done to them, as of one place in the journal.</summary>
/// <param name="Tests">By id.</param>
/// <param name="Changes">Oldest first.</param>
/// <param name="Offset">Of the newest event absorbed.</param>
public sealed record TestCatalogue(
    ImmutableDictionary<string, TestSummary> Tests,
    ImmutableList<TestChange> Changes,
    long Offset
)
{
    public static readonly TestCatalogue Empty = new(
        ImmutableDictionary.Create<string, TestSummary>(StringComparer.Ordinal),
        [],
        0
    );

    public TestCatalogue Apply(string testId, ITestStep step, long sequenceNr, long offset)
    {
        var summary = Tests.GetValueOrDefault(testId)?.Clone() ?? new TestSummary { TestId = testId };
        Describe(summary, step);
        summary.ChangedAt = step.Header?.At;
        var entry = History.Entry(step, sequenceNr);
        return new TestCatalogue(
            Tests.SetItem(testId, summary),
            entry is null ? Changes : Changes.Add(new TestChange { TestId = testId, Entry = entry }),
            offset
        );
    }

    private static void Describe(TestSummary summary, ITestStep step)
    {
        switch (step)
        {
            case TestCreated created:
                Define(summary, created.Definition);
                (summary.State, summary.CopyOf, summary.RolloutOf) = (
                    TestPhase.Draft,
                    created.CopyOf,
                    created.RolloutOf
                );
                (summary.Author, summary.CreatedAt) = (created.Header?.Author ?? "", created.Header?.At);
                break;
            case TestEdited edited:
                Define(summary, edited.Definition);
                break;
            case TestStarted started:
                (summary.State, summary.Phase, summary.Exposure) = (TestPhase.Running, started.Phase, started.Exposure);
                break;
            case TestDecided decided:
                summary.State = TestPhase.Decided;
                (summary.Finding, summary.Winner, summary.Recommendation) = (
                    decided.Verdict.Finding,
                    decided.Verdict.Winner,
                    decided.Verdict.Recommendation
                );
                break;
            default:
                summary.State = step switch
                {
                    TestScheduled => TestPhase.Scheduled,
                    TestPaused => TestPhase.Paused,
                    TestPromoted => TestPhase.Promoted,
                    TestRolledBack => TestPhase.RolledBack,
                    TestArchived => TestPhase.Archived,
                    _ => summary.State,
                };
                break;
        }
    }

    private static void Define(TestSummary summary, TestDefinition d)
    {
        (summary.Family, summary.Metric, summary.Hypothesis) = (d.Family, d.Metric, d.Hypothesis);
        (summary.Salt, summary.Layer) = (d.Salt, d.Layer);
        summary.Arms.Clear();
        summary.Arms.Add(d.Arms.Select(a => a.Name));
    }
}
