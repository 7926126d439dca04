using System.Collections.Immutable;
using System.Globalization;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;

namespace RalmActors.AbTesting.Domain.Experiments;

/// <summary>A test's life in words: who did what, when and why. Reports are not part of it.</summary>
internal static class History
{
    /// <summary>A test changes hands a few dozen times; beyond it the oldest entries go, the journal has them all.</summary>
    private const int MaxEntries = 200;

    public static ImmutableList<HistoryEntry> With(ImmutableList<HistoryEntry> history, IEvent e, long sequenceNr)
    {
        var entry = Entry(e, sequenceNr);
        return entry is null ? history : (history.Count >= MaxEntries ? history.RemoveAt(0) : history).Add(entry);
    }

    /// <summary>Null for a report.</summary>
    public static HistoryEntry? Entry(IEvent e, long sequenceNr)
    {
        var (what, reason) = Describe(e);
        return what.Length == 0
            ? null
            : new HistoryEntry
            {
                SequenceNr = sequenceNr,
                At = e.Header?.At,
                Author = e.Header?.Author ?? "",
                What = what,
                Reason = reason,
            };
    }

    private static (string What, string Reason) Describe(IEvent e) =>
        e switch
        {
            ExperimentCreated { RolloutOf.Length: > 0 } c => ($"created as the rollout of {c.RolloutOf}", ""),
            ExperimentCreated c => (c.CopyOf.Length > 0 ? $"created as a copy of {c.CopyOf}" : "created", ""),
            ExperimentEdited c => ("edited", c.Reason),
            ExperimentScheduled c => ($"scheduled for {c.StartAt.ToDateTimeOffset():u}", ""),
            ExperimentStarted c => ($"phase {c.Phase} at {Percent(c.Exposure)}", c.Reason),
            ExperimentPaused c => ("paused", c.Reason),
            ExperimentDecided c => ($"decided: {c.Verdict.Recommendation}", c.Reason),
            PromotionRequested c => (c.RollBack ? $"rolling back to {c.Arm}" : $"promoting {c.Arm}", ""),
            PromotionStepTaken c => ($"{Name(c.Step)} {(c.Passed ? "passed" : "failed")}", c.Reason),
            ExperimentPromoted c => ($"{c.VersionId} serves", ""),
            ExperimentRolledBack c => ($"rolled back: {c.VersionId} serves", c.Reason),
            ExperimentArchived c => ("archived", c.Reason),
            _ => ("", ""),
        };

    private static string Name(PromotionStep step) => step.ToString().ToLowerInvariant();

    private static string Percent(int basisPoints) =>
        string.Create(CultureInfo.InvariantCulture, $"{basisPoints / 100.0:0.##} %");
}
