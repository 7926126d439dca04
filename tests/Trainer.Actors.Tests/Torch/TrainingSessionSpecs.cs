using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Artifacts;
using Ralm.Ranking.Randomness;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using TorchSharp;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Torch;

public sealed class TrainingSessionSpecs
{
    private readonly TrainingConfig _config = ConfigRules.Complete(GivenRun.Start().Config);

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
        other.RandomSeed = 8;

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
    public void Weights_that_are_given_are_where_it_begins_and_its_checkpoints_go_on_from_there()
    {
        var initial = ModelArtifact.FromBytes(Epochs(_config, 2).ToBytes());
        var still = _config.Clone();
        (still.Optimizer.Name, still.Optimizer.LearningRate) = ("sgd", 1e-30f);
        using (var begun = new TrainingSession(still, PlantedData.Open(), null, "cpu", initial))
        {
            begun.Train(1, 0, [0, 1, 2, 3]);
            Assert.Equal(initial.WeightsHash, begun.Checkpoint(1, 0.5, 0.7).WeightsHash);
        }

        var whole = From(initial, null, 1, 2);
        var resumed = From(null, ModelArtifact.FromBytes(From(initial, null, 1, 1).ToBytes()), 2, 2);
        Assert.Equal(whole.WeightsHash, resumed.WeightsHash);
        Assert.NotEqual(Epochs(_config, 2).WeightsHash, whole.WeightsHash);

        ModelArtifact From(ModelArtifact? initial, ModelArtifact? checkpoint, int first, int last)
        {
            using var session = new TrainingSession(_config, PlantedData.Open(), checkpoint, "cpu", initial);
            for (var epoch = first; epoch <= last; epoch++)
            {
                for (var batch = 0; batch < 4; batch++)
                {
                    session.Train(epoch, batch, [.. Enumerable.Range(batch * 50, 50)]);
                }
            }

            return session.Checkpoint(last, 0.5, 0.7);
        }
    }

    [Fact]
    public void Weights_of_another_schema_or_another_model_are_refused()
    {
        var initial = Epochs(_config, 1);
        var other = initial with { Card = initial.Card with { SchemaId = "0123456789abcdef" } };
        var wider = _config.Clone();
        wider.Model.TowerDim *= 2;

        var schema = Assert.Throws<ArtifactException>(() =>
            new TrainingSession(_config, PlantedData.Open(), null, "cpu", other)
        );
        Assert.Contains("0123456789abcdef", schema.Message, StringComparison.Ordinal);
        Assert.Throws<ArtifactException>(() => new TrainingSession(wider, PlantedData.Open(), null, "cpu", initial));
    }

    /// <summary>Every choice a run has, one at a time and all at once.</summary>
    public static TheoryData<string, Action<TrainingConfig>> Choices =>
        new()
        {
            { "cosine", c => c.Schedule = Cosine },
            {
                "step",
                c =>
                    c.Schedule = new LearningRateSchedule
                    {
                        Name = "step",
                        Decay = 0.5f,
                        DecayEvery = 1,
                    }
            },
            { "warm-up", c => c.Schedule = new LearningRateSchedule { Name = "constant", Warmup = 0.5f } },
            { "clip", c => c.Optimizer.ClipNorm = 0.1f },
            { "weight", c => c.PositiveWeight = 3 },
            { "balanced", c => c.PositiveWeight = -1 },
            { "adamw", c => (c.Optimizer.Name, c.Optimizer.WeightDecay) = ("adamw", 0.1f) },
            {
                "all",
                c =>
                {
                    (c.Schedule, c.Optimizer.ClipNorm, c.PositiveWeight) = (Cosine, 0.1f, -1);
                    (c.Optimizer.Name, c.Optimizer.WeightDecay) = ("adamw", 0.1f);
                }
            },
        };

    private static LearningRateSchedule Cosine =>
        new()
        {
            Name = "cosine",
            Warmup = 0.2f,
            Floor = 0.1f,
        };

    [Theory]
    [MemberData(nameof(Choices), DisableDiscoveryEnumeration = true)]
    public void A_choice_changes_the_weights_and_resumes_to_the_same(string choice, Action<TrainingConfig> choose)
    {
        foreach (var model in (string[])["TwoTowerMha", "Ralm"])
        {
            var config = People(model);
            var plain = Epochs(config, 4).WeightsHash;
            choose(config);
            var whole = Epochs(config, 4);
            Assert.True(plain != whole.WeightsHash, $"{choice} changes nothing of {model}");
            for (var stop = 1; stop < 4; stop++)
            {
                var checkpoint = ModelArtifact.FromBytes(Epochs(config, stop).ToBytes());

                var resumed = Epochs(config, 4, stop + 1, checkpoint);

                Assert.Equal(whole.WeightsHash, resumed.WeightsHash);
            }
        }
    }

    [Fact]
    public void A_run_of_before_there_were_these_choices_has_the_weights_of_their_defaults()
    {
        var before = _config.Clone();
        (before.Schedule, before.PositiveWeight) = (null, 0);

        Assert.Equal(Epochs(_config, 2).WeightsHash, Epochs(before, 2).WeightsHash);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.01, 0.01)]
    [InlineData(0.75, 0.75)]
    [InlineData(1.25, 1)]
    public void A_step_of_plain_descent_is_as_long_as_the_rate_times_the_clipped_norm(double clip, double length)
    {
        int[] rows = [.. Enumerable.Range(0, 64)];
        (_config.Optimizer.Name, _config.Optimizer.LearningRate) = ("sgd", 1);
        using var free = Open(_config);
        var norm = free.Train(1, 0, rows).GradientNorm;
        _config.Optimizer.ClipNorm = (float)(clip * norm);
        using var session = Open(_config);
        var before = Weights(session);

        var step = session.Train(1, 0, rows);

        var moved = Math.Sqrt(Weights(session).Zip(before).Sum(w => Math.Pow(w.First - w.Second, 2)));
        Assert.Equal(norm, step.GradientNorm);
        Assert.InRange(moved / norm, 0.999 * length, 1.001 * length);
    }

    [Fact]
    public void A_positive_row_counts_as_many_times_as_it_weighs()
    {
        // Weights of zero: every row's loss is log 2.
        _config.Model.Model = "LogisticRegression";
        var data = PlantedData.Open();
        int[] rows = [.. Enumerable.Range(0, 64)];
        var positives = rows.Count(k => PlantedData.Sample(k).Label == 1);
        _config.PositiveWeight = 3;
        using var session = new TrainingSession(_config, data, null, "cpu");

        var loss = session.Train(1, 0, rows).Loss;

        Assert.Equal(Math.Log(2) * ((3 * positives) + 64 - positives) / 64, loss, 5);
    }

    [Fact]
    public void Each_phase_has_the_schedule_to_itself()
    {
        var config = People("Ralm");
        (config.Schedule, config.RepresentationEpochs, config.MaxEpochs) = (Cosine, 2, 2);
        using var session = Open(config);

        var rates = Enumerable
            .Range(1, 4)
            .SelectMany(epoch => Train(session, config, epoch).Select(s => s.LearningRate))
            .ToArray();

        var rate = config.Optimizer.LearningRate;
        var last = rate * 0.1;
        var ends = rates.Select((r, k) => (r, k)).Where(r => Math.Abs(r.r - last) < 1e-8).Select(r => r.k).ToArray();
        int Batches(int rows) => (rows + config.BatchSize - 1) / config.BatchSize;
        Assert.Equal([(2 * Batches(session.RepresentationRows)) - 1, rates.Length - 1], ends);
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

    private static TrainingConfig People(string model)
    {
        var start = GivenRun.Start().Config;
        (start.Model.Model, start.Model.SeedClusters, start.RepresentationEpochs) = (model, 3, 2);
        return ConfigRules.Complete(start);
    }

    private static float[] Weights(TrainingSession session) =>
        [.. session.Checkpoint(1, 0, 0).Weights.SelectMany(w => w.Values.ToArray())];

    private static TrainingSession Open(TrainingConfig config, ModelArtifact? from = null) =>
        new(config, config.Model.SeedClusters == 3 ? PlantedPeople.Open() : PlantedData.Open(), from, "cpu");

    private static IEnumerable<TrainedStep> Train(TrainingSession session, TrainingConfig config, int epoch)
    {
        var rows = session.IsRepresentation(epoch) ? session.RepresentationRows : session.TrainRows;
        var order = new RowPermutation(rows, RandomStream.ForEpoch(config.RandomSeed, epoch));
        for (var batch = 0; batch * config.BatchSize < rows; batch++)
        {
            yield return session.Train(epoch, batch, order.Batch(batch, config.BatchSize));
        }
    }

    private static ModelArtifact Epochs(TrainingConfig config, int last, int first = 1, ModelArtifact? from = null)
    {
        using var session = Open(config, from);
        for (var epoch = first; epoch <= last; epoch++)
        {
            Assert.All(Train(session, config, epoch), s => Assert.True(s.LearningRate > 0));
        }

        var (auc, loss) = session.Validate(last)!.Value;
        return session.Checkpoint(last, auc, loss);
    }
}
