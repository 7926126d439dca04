using Ralm.Models.Artifacts;
using Ralm.Ranking.Artifacts;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;

namespace Ralm.Models.Training;

/// <param name="WeightsHash">sha256 over the tensors, comparable with a checkpoint's.</param>
/// <param name="Doubled">Interactions that stand in more than one batch: 0, or learning was not exactly once.</param>
/// <param name="PassedOver">Samples that do not fit the model's schema.</param>
/// <param name="SetAside">Samples of batches that cannot be learned.</param>
public sealed record ReplayedLineage(
    string WeightsHash,
    long Batches,
    long Samples,
    long Doubled,
    long PassedOver,
    long SetAside
);

/// <summary>The weights of a lineage, computed anew from its journal and the version it started from.</summary>
public static class LineageReplay
{
    /// <param name="journal">All events of the lineage, in order.</param>
    /// <exception cref="InvalidDataException">It does not begin with an opening.</exception>
    /// <exception cref="ArtifactException">The version it started from is gone.</exception>
    public static ReplayedLineage Run(IReadOnlyCollection<IEvent> journal, ArtifactStore store, string device = "cpu")
    {
        var passed = new PassedBatches(journal);
        LineageTraining? training = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (samples, doubled, passedOver, setAside) = (0L, 0L, 0L, 0L);
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
                            opened.EffectiveSettings,
                            0,
                            device
                        );
                        break;
                    case LineageTuned tuned:
                        training?.Change(tuned.Settings);
                        break;
                    case LineageRolledBack:
                        training?.EndReaction();
                        break;
                    case BatchAccepted batch when training is not null:
                        // One set aside is not tried again. One that was not yet, when its node was killed, is: as it will be there.
                        var learned = training.Apply(batch.BatchNr, passed.SamplesOf(batch));
                        setAside +=
                            passed.IsAside(batch.BatchNr) || learned.Diverged is not null ? batch.Samples.Count : 0;
                        passedOver += learned.PassedOver;
                        samples += batch.Samples.Count;
                        doubled += batch.Samples.Count(s => !seen.Add(s.InteractionId));
                        break;
                }
            }

            return training is null
                ? throw new InvalidDataException("the journal has no opening: there is no such lineage")
                : new ReplayedLineage(
                    training.Checkpoint().WeightsHash,
                    training.BatchNr,
                    samples,
                    doubled,
                    passedOver,
                    setAside
                );
        }
        finally
        {
            training?.Dispose();
        }
    }
}
