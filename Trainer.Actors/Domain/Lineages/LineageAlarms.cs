using System.Collections.Immutable;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>When the predictions became worse, and what has become of it: all are counted, the newest are told.</summary>
/// <param name="Won">Reactions that made them better.</param>
public sealed record LineageAlarms(long Count, long Won, ImmutableList<DriftAlarm> Newest)
{
    public const int MaxNewest = 8;

    public static readonly LineageAlarms None = new(0, 0, []);

    /// <summary>A batch that is applied again behind a restart says what it said.</summary>
    public bool Knows(DriftNoticed e) => Newest.Any(a => a.BatchNr >= e.BatchNr);

    /// <summary>There is no such alarm, or it is closed.</summary>
    public bool Knows(ReactionEnded e) => !Newest.Any(a => a.BatchNr == e.AlarmBatchNr && a.EndedBatchNr == 0);

    /// <summary>What closes the one that is open.</summary>
    public IEnumerable<IEvent> EndedByRollback(long batchNr) =>
        Newest
            .Where(a => a.EndedBatchNr == 0)
            .Select(a => new ReactionEnded
            {
                AlarmBatchNr = a.BatchNr,
                BatchNr = batchNr,
                Outcome = ReactionOutcome.ReactionRolledBack,
            });

    public LineageAlarms With(DriftNoticed e)
    {
        var newest = Newest.Add(
            new DriftAlarm
            {
                BatchNr = e.BatchNr,
                At = e.Header?.At,
                SamplesSince = e.SamplesSince,
                LossSince = e.LossSince,
                Outcome = ReactionOutcome.Reacting,
            }
        );
        return this with { Count = Count + 1, Newest = newest.Count > MaxNewest ? newest.RemoveAt(0) : newest };
    }

    public LineageAlarms With(ReactionEnded e)
    {
        var at = Newest.FindIndex(a => a.BatchNr == e.AlarmBatchNr);
        var closed = Newest[at].Clone();
        (closed.Outcome, closed.EndedBatchNr) = (e.Outcome, e.BatchNr);
        return this with
        {
            Won = Won + (e.Outcome == ReactionOutcome.ReactionWon ? 1 : 0),
            Newest = Newest.SetItem(at, closed),
        };
    }
}
