using Ralm.Models.Training;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Torch;

/// <summary>The libraries alone, without an actor.</summary>
public sealed class ModelTrainingSpecs
{
    [Fact]
    public void A_ranking_model_with_seeds_is_trained_and_judged()
    {
        var epochs = new List<TrainedEpoch>();
        var model = ModelTraining.Run(
            SeededData.Open(),
            SeededData.Config,
            epochs.Add,
            ct: TestContext.Current.CancellationToken
        );

        Assert.Equal(Enumerable.Range(1, epochs.Count), epochs.Select(e => e.Epoch));
        Assert.Contains(epochs, e => e.IsRepresentation);
        Assert.Equal(epochs.Where(e => !e.IsRepresentation).Max(e => e.ValidAuc), model.Best.ValidAuc, 0.001);
        Assert.InRange(model.TestAuc!.Value, 0.6, 1);
    }

    [Fact]
    public void What_is_out_of_range_is_refused_before_anything_is_computed()
    {
        var refused = Assert.Throws<ArgumentException>(() =>
            ModelTraining.Run(PlantedData.Open(200, 50), new TrainingConfig { Workers = 99 })
        );

        Assert.StartsWith("config.workers \"99\" must be 1 to 16", refused.Message, StringComparison.Ordinal);
    }
}
