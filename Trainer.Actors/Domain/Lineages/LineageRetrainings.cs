using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>The retrainings that a lineage has asked for, the newest of them, and what has become of each.</summary>
public sealed record LineageRetrainings(ImmutableList<LineageRetraining> Newest)
{
    public const int MaxNewest = 8;

    private const int MaxNameLength = 100;

    public static readonly LineageRetrainings None = new([]);

    /// <summary>One at a time: what is under way may be what is needed.</summary>
    public bool IsUnderWay => Newest.Any(r => r.Outcome == RetrainingOutcome.Retraining);

    /// <summary>What has happened is what it is trained anew for.</summary>
    /// <param name="lineage">As it was before.</param>
    /// <param name="since">Batch behind which the change lies.</param>
    /// <param name="trigger">What has happened.</param>
    /// <returns>Empty: its settings want none, or there is one.</returns>
    public static IEnumerable<IEvent> Asked(
        LineageState lineage,
        RetrainingTrigger trigger,
        long batchNr,
        long since,
        string reason
    )
    {
        var plan = lineage.Settings.Retraining;
        var wants =
            plan?.Trigger == trigger
            || (plan?.Trigger == RetrainingTrigger.OnAlarm && trigger == RetrainingTrigger.WhenBehind);
        return wants && !lineage.Retrainings.IsUnderWay
            ?
            [
                new RetrainingAsked
                {
                    RetrainingId = $"{NameOf(lineage.LineageId)}-{batchNr}",
                    BatchNr = batchNr,
                    SinceBatchNr = Math.Max(0, since),
                    Plan = plan,
                    Reason = reason,
                },
            ]
            : [];
    }

    /// <summary>Until the retraining has it.</summary>
    public IEnumerable<OutgoingCommand> Owed(string lineageId) =>
        Newest
            .Where(r => !r.HandedOver)
            .Select(r => new OutgoingCommand(
                r.Asked.RetrainingId,
                typeof(RetrainingRegion),
                () => Opening(lineageId, r)
            ));

    /// <summary>Null: it is not about one of these.</summary>
    public Decision? Settle(Settlement settled) =>
        Newest.Any(r => r.Asked.RetrainingId == settled.Key && !r.HandedOver)
            ? Decision.Accept(new RetrainingHandedOver { RetrainingId = settled.Key, Refused = settled.Reason })
            : null;

    /// <summary>One that it has not asked for was opened by hand, and is not its own to remember.</summary>
    public Decision Decide(RecordRetraining c) =>
        Newest.Any(r => r.Asked.RetrainingId == c.RetrainingId && r.Outcome == RetrainingOutcome.Retraining)
            ? Decision.Accept(
                new RetrainingRecorded
                {
                    RetrainingId = c.RetrainingId,
                    Outcome = c.Outcome,
                    Reason = c.Reason,
                    VersionId = c.VersionId,
                    ExperimentId = c.ExperimentId,
                }
            )
            : Decision.Nothing;

    public LineageRetrainings With(RetrainingAsked e)
    {
        var newest = Newest.Add(new LineageRetraining { Asked = e, Outcome = RetrainingOutcome.Retraining });
        return new(newest.Count > MaxNewest ? newest.RemoveAt(0) : newest);
    }

    public LineageRetrainings With(RetrainingHandedOver e) =>
        Changed(
            e.RetrainingId,
            r =>
            {
                r.HandedOver = true;
                if (e.Refused.Length > 0)
                {
                    (r.Outcome, r.Reason) = (RetrainingOutcome.RetrainingFailed, $"it is refused: {e.Refused}");
                }
            }
        );

    public LineageRetrainings With(RetrainingRecorded e) =>
        Changed(
            e.RetrainingId,
            r =>
                (r.HandedOver, r.Outcome, r.Reason, r.VersionId, r.ExperimentId) = (
                    true,
                    e.Outcome,
                    e.Reason,
                    e.VersionId,
                    e.ExperimentId
                )
        );

    private LineageRetrainings Changed(string retrainingId, Action<LineageRetraining> change)
    {
        var at = Newest.FindIndex(r => r.Asked.RetrainingId == retrainingId);
        if (at < 0)
        {
            return this;
        }

        var changed = Newest[at].Clone();
        change(changed);
        return new(Newest.SetItem(at, changed));
    }

    private static OpenRetraining Opening(string lineageId, LineageRetraining r)
    {
        var plan = r.Asked.Plan.Clone();
        plan.Trigger = RetrainingTrigger.Unspecified;
        return new OpenRetraining
        {
            Header = new CommandHeader
            {
                CommandId = $"retrain:{r.Asked.RetrainingId}",
                CorrelationId = r.Asked.Header?.CorrelationId ?? "",
                CausationId = r.Asked.Header?.CausationId ?? "",
            },
            RetrainingId = r.Asked.RetrainingId,
            LineageId = lineageId,
            SinceBatchNr = r.Asked.SinceBatchNr,
            Plan = plan,
            Reason = r.Asked.Reason,
        };
    }

    /// <summary>Short enough to have more behind it, and no two alike.</summary>
    private static string NameOf(string lineageId) =>
        lineageId.Length <= MaxNameLength
            ? lineageId
            : $"{lineageId[..(MaxNameLength - 9)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lineageId)))[..8]}";
}
