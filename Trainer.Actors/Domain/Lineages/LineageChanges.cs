using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>How a lineage at work is changed, and taken back to what it was.</summary>
internal static class LineageChanges
{
    public static Decision Decide(LineageState lineage, TuneLineage c)
    {
        if ((Standing(lineage) ?? Refused(TuningRules.Check(c, lineage.Tuning.Current))) is { } no)
        {
            return no;
        }

        var version = lineage.Tuning.Version;
        if (c.HasExpectedVersion && c.ExpectedVersion != version)
        {
            return Decision.Conflict(
                "expected_version",
                c.ExpectedVersion,
                $"must be {version}, that of the settings there are"
            );
        }

        var tuned = TuningRules.Tuned(lineage.Settings, c);
        return tuned.Equals(lineage.Settings)
            ? Decision.Nothing
            : Decision.Accept(
                new LineageTuned
                {
                    BatchNr = lineage.BatchesAccepted,
                    Version = version + 1,
                    Settings = tuned,
                    Reason = c.Reason,
                }
            );
    }

    public static Decision Decide(LineageState lineage, RollBackLineage c)
    {
        if ((Standing(lineage) ?? Refused(TuningRules.CheckReason(c.Reason))) is { } no)
        {
            return no;
        }

        if (Target(lineage, c) is not { } to)
        {
            var kept = string.Join(", ", lineage.Kept.Select(k => k.BatchNr));
            return Decision.Invalid(
                "batch_nr",
                c.HasBatchNr ? c.BatchNr : "",
                lineage.Kept.IsEmpty
                    ? "must be 0 (the version it started from); there is no checkpoint"
                    : $"must be 0 (the version it started from) or that of a checkpoint: {kept}"
            );
        }

        var now = lineage.BatchesAccepted;
        return c.BatchNr == now
            ? Decision.Nothing
            : new Decision([
                new LineageRolledBack
                {
                    BatchNr = now,
                    ToBatchNr = c.BatchNr,
                    To = to,
                    Reason = c.Reason,
                },
                .. lineage.Alarms.EndedByRollback(now),
            ]);
    }

    /// <summary>Its predictions have become worse.</summary>
    public static IEnumerable<IEvent> Noticed(LineageState lineage, DriftNoticed noticed) =>
        [
            noticed,
            .. LineageRetrainings.Asked(
                lineage,
                RetrainingTrigger.OnAlarm,
                noticed.BatchNr,
                BatchBefore(lineage, noticed),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"its predictions are worse since {noticed.SamplesSince} samples (log loss {noticed.LossSince:F3})"
                )
            ),
        ];

    /// <summary>Its predictions have fallen behind: it is as it was before that, and waits for somebody to look.</summary>
    public static IEnumerable<IEvent> TakenBack(LineageState lineage, LineageFellBehind behind)
    {
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"its log loss was {behind.ExcessLoss:F3} above that of the version it started from, over {behind.Samples} samples"
        );
        var settings = lineage.Settings.Clone();
        settings.Paused = true;
        var now = lineage.BatchesAccepted;
        var kept = lineage.Kept.FindLast(k => k.BatchNr <= behind.SinceBatchNr);
        return
        [
            behind,
            new LineageTuned
            {
                BatchNr = now,
                Version = lineage.Tuning.Version + 1,
                Settings = settings,
                Reason = reason,
            },
            new LineageRolledBack
            {
                BatchNr = now,
                ToBatchNr = kept?.BatchNr ?? 0,
                To = kept?.Artifact ?? lineage.Opened!.Base,
                Reason = reason,
            },
            .. lineage.Alarms.EndedByRollback(now),
            .. LineageRetrainings.Asked(lineage, RetrainingTrigger.WhenBehind, now, behind.SinceBatchNr, reason),
        ];
    }

    /// <summary>The last that lies wholly before the change.</summary>
    private static long BatchBefore(LineageState lineage, DriftNoticed noticed)
    {
        var left = (double)noticed.SamplesSince;
        foreach (var batch in lineage.SinceCheckpoint.Reverse().Where(b => b.BatchNr <= noticed.BatchNr))
        {
            left -= batch.Samples.Count;
            if (left <= 0)
            {
                return batch.BatchNr - 1;
            }
        }

        // In the checkpoint: batches of the usual size.
        var first = lineage.SinceCheckpoint.IsEmpty ? noticed.BatchNr + 1 : lineage.SinceCheckpoint[0].BatchNr;
        var usual = Math.Max(1, (double)lineage.SamplesAccepted / Math.Max(1, lineage.BatchesAccepted));
        return first - 1 - (long)Math.Ceiling(left / usual);
    }

    private static ArtifactRef? Target(LineageState lineage, RollBackLineage c) =>
        !c.HasBatchNr ? null
        : c.BatchNr == 0 ? lineage.Opened!.Base
        : lineage.Kept.Find(k => k.BatchNr == c.BatchNr)?.Artifact;

    private static Decision? Standing(LineageState lineage) =>
        lineage.Opened is null ? lineage.NotOpened()
        : lineage.Closed
            ? Decision.Conflict("lineage_id", lineage.LineageId, "is closed; what it has learned stays as it is")
        : null;

    private static Decision? Refused(Rejection? rejection) => rejection is null ? null : Decision.Refuse(rejection);
}
