using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Sessions;

namespace RalmActors.Trainer.Torch;

/// <param name="WeightsHash">sha256 over the tensors, comparable with a checkpoint's.</param>
/// <param name="Doubled">Interactions that stand in more than one batch: 0, or learning was not exactly once.</param>
public sealed record ReplayedLineage(string WeightsHash, long Batches, long Samples, long Doubled);

/// <summary>The weights of a lineage, computed anew from its journal and the version it started from.</summary>
public static class LineageReplay
{
    /// <param name="journal">All events of the lineage, in order.</param>
    /// <exception cref="InvalidDataException">It does not begin with an opening.</exception>
    /// <exception cref="ArtifactException">The version it started from is gone.</exception>
    public static ReplayedLineage Run(IEnumerable<IEvent> journal, ArtifactStore store, string device = "cpu")
    {
        LineageTraining? training = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (samples, doubled) = (0L, 0L);
        try
        {
            foreach (var e in journal)
            {
                switch (e)
                {
                    case LineageOpened opened:
                        training = new LineageTraining(
                            store.Load(opened.Base),
                            opened.Base.Hash,
                            opened.Optimizer,
                            0,
                            device
                        );
                        break;
                    case BatchAccepted batch when training is not null:
                        training.Apply(batch.BatchNr, batch.Samples);
                        samples += batch.Samples.Count;
                        doubled += batch.Samples.Count(s => !seen.Add(s.InteractionId));
                        break;
                }
            }

            return training is null
                ? throw new InvalidDataException("the journal has no opening: there is no such lineage")
                : new ReplayedLineage(training.Checkpoint().WeightsHash, training.BatchNr, samples, doubled);
        }
        finally
        {
            training?.Dispose();
        }
    }
}
