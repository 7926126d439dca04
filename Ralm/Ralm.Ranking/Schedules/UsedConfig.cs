using RalmActors.Messages.Training;

namespace Ralm.Ranking.Schedules;

/// <summary>A configuration with every choice it leaves to the rows made. Here 0 is a value: none.</summary>
internal static class UsedConfig
{
    /// <param name="positives">Sum of the labels of the training rows.</param>
    /// <param name="representation">Epochs of the representation; 0 where the data know no responses.</param>
    public static TrainingConfig Of(TrainingConfig asked, int trainRows, double positives, int representation)
    {
        var used = asked.Clone();
        used.Model.Dropout = Math.Max(0, asked.Model.Dropout);
        used.Optimizer.WeightDecay = WeightDecays.Of(
            asked.Optimizer.WeightDecay,
            ModelDefaults.Of(asked.Model.Model).Prior,
            trainRows
        );
        used.BatchSize = BatchSizes.Of(asked.BatchSize, trainRows);
        used.PositiveWeight = ClassWeights.OfPositives(asked.PositiveWeight, positives, trainRows);
        used.RepresentationEpochs = representation;
        return used;
    }
}
