using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Runs;

/// <summary>What one epoch brought.</summary>
/// <param name="TrainLoss">Mean over the rows, as trained (with dropout).</param>
/// <param name="ValidAuc">Not a number when the validation rows are all of one class.</param>
/// <param name="Checkpoint">Weights and optimiser after the epoch.</param>
/// <param name="SchemaId">The feature schema of the dataset.</param>
/// <param name="Representation">Of the representation of people alone.</param>
/// <param name="Used">See <see cref="UsedConfig"/>.</param>
public sealed record EpochResult(
    int Epoch,
    double TrainLoss,
    double ValidAuc,
    double ValidLogLoss,
    ArtifactRef Checkpoint,
    string SchemaId,
    bool Representation = false,
    TrainingConfig? Used = null
);
