using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Calibration;
using RalmActors.Trainer.Domain.Lineages;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>What batches and changes of the settings make of the weights, and what is told of it.</summary>
public sealed class LineageLearningSpecs
{
    private const int BatchSize = 32;

    private static readonly Lazy<ModelArtifact> Origin = new(() =>
        DrawnData.Trained(DrawnData.Open(), DrawnData.Config("TwoTowerMha", 1, ""), 2)
    );

    [Fact]
    public void Predictions_are_measured_before_they_are_learned_those_shown_those_of_now_and_those_of_the_start()
    {
        using var training = Training(Settings(rate: 0.01f));
        var told = new List<LineageMeasured>();
        for (var nr = 1; nr <= 40; nr++)
        {
            // The world has turned around: what is learned gets better than what it started from, and coins are worst of all.
            var batch = Batch(nr, turned: true);
            Array.ForEach(batch, s => s.Score = 0.5f);
            if (training.Apply(nr, batch).Measured is { } measured)
            {
                told.Add(measured);
            }
        }

        Assert.Equal([64, 128, 224, 416, 800], told.Select(t => t.Samples).Take(5));
        var last = told[^1];
        Assert.Equal(last.BatchNr * BatchSize, last.Samples);
        Assert.Equal(Math.Log(2), last.Served.LogLoss, 1e-6);
        Assert.True(last.Latest.LogLoss < last.Frozen.LogLoss - 0.1, last.ToString());
        Assert.True(last.Latest.Auc > last.Frozen.Auc + 0.1, last.ToString());
        Assert.Equal(last.Latest.MeanObserved, last.Frozen.MeanObserved);
    }

    [Fact]
    public void What_was_not_shown_is_measured_by_the_weights_of_now()
    {
        using var training = Training(Settings());

        var measured = training.Apply(1, [.. Batch(1), .. Batch(2)]).Measured!;

        Assert.Equal(measured.Latest, measured.Served);
        Assert.Equal(measured.Latest.LogLoss, measured.Frozen.LogLoss, 1e-6);
    }

    /// <summary>A rate at which nothing can be learned: what it started from was better.</summary>
    [Fact]
    public void Worse_than_what_it_started_from_is_noticed_once_and_said_since_when()
    {
        var settings = Settings(rate: 0.1f);
        (settings.Reaction, settings.GuardAlpha) = (null, 0.001);
        using var training = Training(settings);
        var behind = new List<LineageFellBehind>();
        for (var nr = 1; nr <= 30; nr++)
        {
            if (training.Apply(nr, Batch(nr)).Behind is { } now)
            {
                behind.Add(now);
            }
        }

        var first = behind[0];
        Assert.InRange(first.BatchNr, 3, 20);
        Assert.Equal((0, first.BatchNr * BatchSize), (first.SinceBatchNr, first.Samples));
        Assert.True(first.ExcessLoss > 0.1, first.ToString());
    }

    /// <summary>It learned well, and then somebody was careless.</summary>
    [Fact]
    public void It_is_behind_since_it_became_worse_and_not_since_anybody_looked()
    {
        var settings = Settings(rate: 0.003f);
        (settings.Reaction, settings.GuardAlpha) = (null, 0.001);
        using var training = Training(settings);
        LineageFellBehind? behind = null;
        for (var nr = 1; nr <= 60 && behind is null; nr++)
        {
            behind = training.Apply(nr, Batch(nr, turned: nr <= 20)).Behind;
            if (nr == 20)
            {
                // Taste turns back, and it learns that no more.
                settings = settings.Clone();
                settings.Optimizer.LearningRate = 1e-9f;
                training.Change(settings);
            }
        }

        Assert.InRange(behind!.SinceBatchNr, 18, 28);
        Assert.True(behind.BatchNr > behind.SinceBatchNr, behind.ToString());
    }

    [Fact]
    public void At_the_default_rate_it_is_not_behind_nor_where_nobody_asks()
    {
        var (peaceful, careless) = (Settings(), Settings(rate: 0.1f));
        (peaceful.GuardAlpha, careless.Reaction) = (0.001, null);
        using var one = Training(peaceful);
        using var other = Training(careless);
        for (var nr = 1; nr <= 60; nr++)
        {
            Assert.Null(one.Apply(nr, Batch(nr)).Behind);
            Assert.Null(other.Apply(nr, Batch(nr)).Behind);
        }
    }

    [Fact]
    public void A_batch_that_is_not_full_takes_a_smaller_step()
    {
        var whole = Moved(Settings(), Batch(1));
        var part = Moved(Settings(), Batch(1)[..8]);
        var old = Settings();
        old.StepsBySize = false;

        // Adam's first step is the rate in every number that has a gradient, times the root of a quarter.
        Assert.Equal(whole / 2, part, whole * 0.01);
        Assert.Equal(whole, Moved(old, Batch(1)[..8]), whole * 0.01);
    }

    [Fact]
    public void Samples_below_the_threshold_teach_nothing_and_are_measured_all_the_same()
    {
        var (none, some) = (Settings(), Settings());
        (none.LossThreshold, some.LossThreshold) = (20, 0.5);
        using var all = Training(Settings());
        using var deaf = Training(none);
        using var choosy = Training(some);
        var before = deaf.Checkpoint().WeightsHash;

        var losses = new[] { all, deaf, choosy }.Select(t => t.Apply(1, Batch(1)).Loss).ToArray();

        Assert.Equal(losses[0], losses[1], 1e-5);
        Assert.Equal(losses[0], losses[2], 1e-5);
        Assert.Equal(before, deaf.Checkpoint().WeightsHash);
        Assert.NotEqual(all.Checkpoint().WeightsHash, choosy.Checkpoint().WeightsHash);
        Assert.NotEqual(before, choosy.Checkpoint().WeightsHash);
    }

    /// <summary>Plain descent: the step of a sample that counts twice is that of two of it.</summary>
    [Fact]
    public void A_sample_counts_as_much_as_it_weighs()
    {
        var settings = Settings(rate: 0.1f);
        settings.Optimizer.Name = "sgd";
        using var weighed = Training(settings);
        using var doubled = Training(settings);
        using var plain = Training(settings);
        var batch = Batch(1)[..16];
        Sample[] twice = [.. Batch(1)[..16], batch[3].Clone()];
        batch[3].Weight = 2;

        var losses = new[] { weighed.Apply(1, batch).Loss, plain.Apply(1, Batch(1)[..16]).Loss };
        doubled.Apply(1, twice);

        Assert.Equal(losses[0], losses[1], 1e-5);
        Assert.All(
            weighed.OnlineWeights().Values.Zip(doubled.OnlineWeights().Values),
            w => Assert.Equal(w.First, w.Second, 1e-5)
        );
        Assert.NotEqual(weighed.Checkpoint().WeightsHash, plain.Checkpoint().WeightsHash);
    }

    private static LineageTraining Training(LineageSettings settings, ModelArtifact? from = null) =>
        new(from ?? Origin.Value, new string('a', 64), settings, 0, "cpu");

    private static LineageSettings Settings(float rate = 0.0003f) =>
        new()
        {
            Optimizer = new OptimizerConfig { Name = "adam", LearningRate = rate },
            BatchSize = BatchSize,
            Reaction = ReactionRules.Filled(null),
            StepsBySize = true,
        };

    /// <summary>The furthest that a weight has moved.</summary>
    private static double Moved(LineageSettings settings, Sample[] batch)
    {
        using var training = Training(settings);
        var before = training.OnlineWeights().Values;
        training.Apply(1, batch);
        return before.Zip(training.OnlineWeights().Values, (a, b) => Math.Abs(a - b)).Max();
    }

    private static Sample[] Batch(int nr, bool turned = false) =>
        [
            .. Enumerable
                .Range(nr * BatchSize, BatchSize)
                .Select(k =>
                {
                    var sample = DrawnData.Sample(k).Clone();
                    sample.Label = turned ? 1 - sample.Label : sample.Label;
                    return sample;
                }),
        ];
}
