using System.Collections.Immutable;
using RalmActors.AbTesting.Domain.Experiments;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Catalogue;

/// <summary>All experiments and all that was done to them, as of one place in the journal.</summary>
/// <param name="Tests">By id.</param>
/// <param name="Changes">Oldest first.</param>
/// <param name="Offset">Of the newest event absorbed.</param>
public sealed record ExperimentCatalogue(
    ImmutableDictionary<string, ExperimentSummary> Tests,
    ImmutableList<ExperimentChange> Changes,
    long Offset
)
{
    public static readonly ExperimentCatalogue Empty = new(
        ImmutableDictionary.Create<string, ExperimentSummary>(StringComparer.Ordinal),
        [],
        0
    );

    public ExperimentCatalogue Apply(string experimentId, IExperimentStep step, long sequenceNr, long offset)
    {
        var summary =
            Tests.GetValueOrDefault(experimentId)?.Clone() ?? new ExperimentSummary { ExperimentId = experimentId };
        Describe(summary, step);
        summary.ChangedAt = step.Header?.At;
        var entry = History.Entry(step, sequenceNr);
        return new ExperimentCatalogue(
            Tests.SetItem(experimentId, summary),
            entry is null ? Changes : Changes.Add(new ExperimentChange { ExperimentId = experimentId, Entry = entry }),
            offset
        );
    }

    private static void Describe(ExperimentSummary summary, IExperimentStep step)
    {
        switch (step)
        {
            case ExperimentCreated created:
                Define(summary, created.Definition);
                (summary.Status, summary.CopyOf, summary.RolloutOf) = (
                    ExperimentStatus.Draft,
                    created.CopyOf,
                    created.RolloutOf
                );
                (summary.Author, summary.CreatedAt) = (created.Header?.Author ?? "", created.Header?.At);
                break;
            case ExperimentEdited edited:
                Define(summary, edited.Definition);
                break;
            case ExperimentStarted started:
                (summary.Status, summary.Phase, summary.Exposure) = (
                    ExperimentStatus.Running,
                    started.Phase,
                    started.Exposure
                );
                break;
            case ExperimentDecided decided:
                summary.Status = ExperimentStatus.Decided;
                (summary.Finding, summary.Winner, summary.Recommendation) = (
                    decided.Verdict.Finding,
                    decided.Verdict.Winner,
                    decided.Verdict.Recommendation
                );
                break;
            default:
                summary.Status = step switch
                {
                    ExperimentScheduled => ExperimentStatus.Scheduled,
                    ExperimentPaused => ExperimentStatus.Paused,
                    ExperimentPromoted => ExperimentStatus.Promoted,
                    ExperimentRolledBack => ExperimentStatus.RolledBack,
                    ExperimentArchived => ExperimentStatus.Archived,
                    _ => summary.Status,
                };
                break;
        }
    }

    private static void Define(ExperimentSummary summary, ExperimentDefinition d)
    {
        (summary.Family, summary.Metric, summary.Hypothesis) = (d.Family, d.Metric, d.Hypothesis);
        (summary.Salt, summary.Layer) = (d.Salt, d.Layer);
        summary.Arms.Clear();
        summary.Arms.Add(d.Arms.Select(a => a.Name));
    }
}
