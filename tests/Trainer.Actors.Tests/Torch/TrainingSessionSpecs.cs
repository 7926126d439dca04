using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using RalmActors.Trainer.Storage;
using RalmActors.Trainer.Torch.Sessions;
using TorchSharp;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class TrainingSessionSpecs
{
    private readonly TrainingConfig _config = TrainingRules.Complete(GivenRun.Start().Config);

    [Fact]
    public void A_thousand_batches_leave_the_number_of_live_tensors_as_it_was()
    {
        using var session = Open(_config);
        int Live(int from, int to)
        {
            for (var batch = from; batch < to; batch++)
            {
                session.Train(1, batch, [0, 1, 2, 3, 4, 5, 6, batch % 200]);
            }

            return (int)DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        var early = Live(0, 20);

        Assert.Equal(early, Live(20, 1_000));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        var once = Epochs(_config, 3).WeightsHash;
        var other = _config.Clone();
        other.Seed = 8;

        Assert.Equal(once, Epochs(_config, 3).WeightsHash);
        Assert.NotEqual(once, Epochs(other, 3).WeightsHash);
    }

    [Theory]
    [InlineData("TwoTowerMha", "adam")]
    [InlineData("TwoTowerMha", "sgd")]
    [InlineData("Ralm", "adam")]
    [InlineData("Ralm", "sgd")]
    [InlineData("LogisticRegression", "adam")]
    public void Going_on_from_any_epochs_checkpoint_gives_the_weights_of_the_uninterrupted_run(
        string model,
        string optimizer
    )
    {
        _config.Model.Model = model;
        _config.Optimizer.Name = optimizer;
        // Of four: the first two epochs are the representation's, so a stop falls before, on and after the turn.
        _config.RepresentationEpochs = 2;
        var whole = Epochs(_config, 4);
        for (var stop = 1; stop < 4; stop++)
        {
            var checkpoint = ModelArtifact.FromBytes(Epochs(_config, stop).ToBytes());

            var resumed = Epochs(_config, 4, stop + 1, checkpoint);

            Assert.Equal(whole.WeightsHash, resumed.WeightsHash);
            Assert.Equal(whole.Cursor, resumed.Cursor);
        }
    }

    [Fact]
    public void It_learns_what_was_planted()
    {
        using var session = new TrainingSession(_config, PlantedData.Open(2_000, 500), null, "cpu");
        var order = new RowPermutation(2_000, 1);
        for (var epoch = 1; epoch <= 15; epoch++)
        {
            for (var batch = 0; batch < 32; batch++)
            {
                session.Train(epoch, batch, order.Batch(batch, 64));
            }
        }

        Assert.InRange(session.Validate(1)!.Value.Auc, 0.9, 1);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_said_and_the_weights_stay()
    {
        _config.Optimizer.LearningRate = 1e30f;
        _config.Optimizer.Name = "sgd";
        using var session = Open(_config);

        var e = Assert.Throws<DivergedException>(() =>
        {
            for (var batch = 0; batch < 50; batch++)
            {
                session.Train(1, batch, [.. Enumerable.Range(0, 64)]);
            }
        });

        Assert.Contains("learning rate", e.Message);
    }

    private static TrainingSession Open(TrainingConfig config, ModelArtifact? from = null) =>
        new(config, PlantedData.Open(), from, "cpu");

    private static ModelArtifact Epochs(TrainingConfig config, int last, int first = 1, ModelArtifact? from = null)
    {
        using var session = Open(config, from);
        for (var epoch = first; epoch <= last; epoch++)
        {
            var rows = session.IsRepresentation(epoch) ? session.RepresentationRows : session.TrainRows;
            var order = new RowPermutation(rows, SeedStream.ForEpoch(config.Seed, epoch));
            for (var batch = 0; batch * config.BatchSize < rows; batch++)
            {
                session.Train(epoch, batch, order.Batch(batch, config.BatchSize));
            }
        }

        var (auc, loss) = session.Validate(last)!.Value;
        return session.Checkpoint(last, auc, loss);
    }
}
