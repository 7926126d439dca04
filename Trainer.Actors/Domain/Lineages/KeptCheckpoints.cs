using System.Collections.Immutable;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Lineages;

/// <summary>
/// States that a lineage can be rolled back to: the newest, and before it fewer and fewer, so that a few of them reach far back.
/// </summary>
public static class KeptCheckpoints
{
    public const int Max = 8;

    /// <summary>
    /// One more. Where there are too many, the one goes whose neighbours are nearest to one another, as seen from the newest.
    /// </summary>
    /// <param name="learned">Samples that are in its weights.</param>
    public static ImmutableList<KeptCheckpoint> With(
        this ImmutableList<KeptCheckpoint> kept,
        LineageCheckpointed e,
        long learned
    )
    {
        var next = kept.RemoveAll(k => k.BatchNr >= e.BatchNr)
            .Add(
                new KeptCheckpoint
                {
                    BatchNr = e.BatchNr,
                    Artifact = e.Checkpoint,
                    At = e.Header?.At,
                    PrequentialLoss = e.PrequentialLoss,
                    SamplesLearned = learned,
                }
            );
        return next.Count <= Max ? next : next.RemoveAt(Crowded(next));
    }

    private static int Crowded(ImmutableList<KeptCheckpoint> kept)
    {
        var newest = kept[^1].BatchNr;
        return Enumerable
            .Range(1, kept.Count - 2)
            .MinBy(k => (double)(kept[k + 1].BatchNr - kept[k - 1].BatchNr) / (newest - kept[k - 1].BatchNr));
    }
}
