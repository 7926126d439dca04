using RalmActors.Messages.Training;

namespace Ralm.Models.OffPolicy;

/// <summary>How a lineage is to learn its journal.</summary>
/// <param name="Opened">Its opening, or one with other settings; every default written out.</param>
/// <param name="FillsItsBatches">Samples are put together anew, <c>BatchSize</c> at a time; false: batches are those of the journal.</param>
/// <param name="CheckpointsItself">Weights are served every <c>CheckpointEvery</c> batches and where a reaction tells of better ones;
/// false: where the journal has a checkpoint.</param>
public sealed record LineageSettings(
    LineageOpened Opened,
    bool FillsItsBatches = false,
    bool CheckpointsItself = false
);
