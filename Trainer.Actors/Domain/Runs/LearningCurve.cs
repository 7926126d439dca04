using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Runs;

internal static class LearningCurve
{
    /// <param name="kept">The artefact the run keeps: its epoch is the best.</param>
    public static IEnumerable<LearningPoint> Of(IEnumerable<EpochCompleted> epochs, ArtifactRef kept) =>
        epochs.Select(e => new LearningPoint
        {
            Epoch = e.Epoch,
            TrainLoss = e.TrainLoss,
            ValidAuc = e.ValidAuc,
            ValidLogLoss = e.ValidLogLoss,
            Best = e.Checkpoint.Equals(kept),
            Representation = e.Representation,
        });
}
