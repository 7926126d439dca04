using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>The state of a lineage as it is told and as it is kept.</summary>
internal static class LineageForms
{
    public static LineageReply Reply(LineageState s, LineageOpened opened) =>
        new()
        {
            LineageId = s.LineageId,
            Family = opened.Family,
            VersionId = opened.VersionId,
            Open = s.IsOpen,
            BatchesAccepted = s.BatchesAccepted,
            SamplesAccepted = s.SamplesAccepted,
            Checkpoint = s.Artifact,
            CheckpointBatchNr = s.CheckpointBatchNr,
            PrequentialLoss = s.Checkpoint?.PrequentialLoss ?? 0,
            Base = opened.Base,
            SamplesLearned = s.LearnedAtCheckpoint,
            SamplesPassedOver = s.PassedOverAtCheckpoint,
            SamplesSetAside = s.SetAside.Samples,
            BatchesSetAside = s.SetAside.Batches,
            SetAside = { s.SetAside.Newest },
            Alarms = s.Alarms.Count,
            ReactionsWon = s.Alarms.Won,
            NewestAlarms = { s.Alarms.Newest },
            Settings = s.Settings,
            SettingsVersion = s.Tuning.Version,
            Checkpoints = { s.Kept },
            Rollbacks = s.Rollbacks,
            SamplesRolledBack = s.SamplesRolledBack,
            FellBehind = s.FellBehind,
            LastFellBehind = s.LastFellBehind,
            SettingsReason = s.Tuning.Reason,
            Retrainings = { s.Retrainings.Newest },
        };

    public static LineageSnapshot Snapshot(LineageState s) =>
        new()
        {
            Opened = s.Opened,
            BatchesAccepted = s.BatchesAccepted,
            SamplesAccepted = s.SamplesAccepted,
            Checkpoint = s.Checkpoint,
            SinceCheckpoint = { s.SinceCheckpoint },
            Marks = { s.Marks.Select(m => new UserMark { UserId = m.Key, ThroughSeq = m.Value }) },
            Closed = s.Closed,
            SamplesSetAside = s.SetAside.Samples,
            BatchesSetAside = s.SetAside.Batches,
            SetAside = { s.SetAside.Newest },
            Alarms = s.Alarms.Count,
            ReactionsWon = s.Alarms.Won,
            NewestAlarms = { s.Alarms.Newest },
            Curve = { s.Curve },
            Settings = s.Tuning.Current,
            SettingsVersion = s.Tuning.Version,
            SettingsAtCheckpoint = s.Tuning.AtCheckpoint,
            TunedSinceCheckpoint = { s.Tuning.Since },
            Checkpoints = { s.Kept },
            Rollbacks = s.Rollbacks,
            SamplesRolledBack = s.SamplesRolledBack,
            FellBehind = s.FellBehind,
            LastFellBehind = s.LastFellBehind,
            SettingsReason = s.Tuning.Reason,
            Retrainings = { s.Retrainings.Newest },
        };

    public static LineageState Of(LineageState empty, LineageSnapshot s) =>
        empty with
        {
            Opened = s.Opened,
            Closed = s.Closed,
            BatchesAccepted = s.BatchesAccepted,
            SamplesAccepted = s.SamplesAccepted,
            Checkpoint = s.Checkpoint,
            SinceCheckpoint = [.. s.SinceCheckpoint],
            Marks = s.Marks.ToImmutableSortedDictionary(m => m.UserId, m => m.ThroughSeq, StringComparer.Ordinal),
            SetAside = new SetAsideBatches(s.BatchesSetAside, s.SamplesSetAside, [.. s.SetAside]),
            Alarms = new LineageAlarms(s.Alarms, s.ReactionsWon, [.. s.NewestAlarms]),
            Tuning = TuningOf(s),
            Kept = [.. s.Checkpoints],
            Rollbacks = s.Rollbacks,
            SamplesRolledBack = s.SamplesRolledBack,
            FellBehind = s.FellBehind,
            LastFellBehind = s.LastFellBehind,
            Curve = [.. s.Curve],
            Retrainings = new LineageRetrainings([.. s.Retrainings]),
        };

    // One of before settings could be changed has those of its opening.
    private static LineageTuning TuningOf(LineageSnapshot s) =>
        s.Settings is not null
            ? new LineageTuning(
                s.Settings,
                s.SettingsVersion,
                s.SettingsAtCheckpoint,
                [.. s.TunedSinceCheckpoint],
                s.SettingsReason
            )
        : s.Opened is { } opened ? LineageTuning.None.With(opened)
        : LineageTuning.None;
}
