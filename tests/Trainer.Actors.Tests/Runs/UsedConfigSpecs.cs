using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class UsedConfigSpecs
{
    [Fact]
    public void What_was_left_open_has_the_value_that_follows_from_the_rows()
    {
        var asked = ConfigRules.Complete(new TrainingConfig { PositiveWeight = -1 });

        var used = UsedConfig.Of(asked, trainRows: 10_000, positives: 2_500, representation: 5);

        Assert.Equal((0, 0), (asked.Optimizer.WeightDecay, asked.BatchSize));
        Assert.Equal((0.005f, 128), (used.Optimizer.WeightDecay, used.BatchSize));
        Assert.Equal((3, 5), (used.PositiveWeight, used.RepresentationEpochs));
        Assert.Equal((asked.Patience, asked.Optimizer.LearningRate), (used.Patience, used.Optimizer.LearningRate));
    }

    [Fact]
    public void None_is_0_and_what_was_chosen_stays()
    {
        var asked = ConfigRules.Complete(
            new TrainingConfig
            {
                Model = new ModelConfig { Dropout = -1 },
                Optimizer = new OptimizerConfig { WeightDecay = -1 },
                BatchSize = 77,
                PositiveWeight = 4,
                RepresentationEpochs = -1,
            }
        );

        var used = UsedConfig.Of(asked, trainRows: 10_000, positives: 2_500, representation: 0);

        Assert.Equal((0, 0, 0), (used.Model.Dropout, used.Optimizer.WeightDecay, used.RepresentationEpochs));
        Assert.Equal((77, 4), (used.BatchSize, used.PositiveWeight));
    }
}
