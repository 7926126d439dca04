using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Actors.Tests.Runs;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>Nothing that a lineage is given to learn costs it what it has learned.</summary>
public sealed class DivergenceSpecs : IDisposable
{
    private const int BatchSize = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-divergence-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A label as large as that passes no endpoint; of what does, no spec can be sure that it diverges. The gradient is as large.
    [Theory]
    [InlineData("sgd", 1e12f)]
    [InlineData("sgd", 1e25f)]
    [InlineData("adam", 1e25f)]
    [InlineData("adamw", 1e25f)]
    [InlineData("adam", float.MaxValue)]
    public void A_batch_that_diverges_leaves_all_as_if_it_had_never_been(string optimizer, float label)
    {
        using var poisoned = Training(optimizer);
        using var healthy = Training(optimizer);
        for (var nr = 1; nr <= 6; nr++)
        {
            var diverges = nr is 3 or 4;
            var outcome = poisoned.Apply(nr, diverges ? Poison(nr, label) : Batch(nr));
            healthy.Apply(nr, diverges ? [] : Batch(nr));

            Assert.Equal(diverges, outcome.Diverged is not null);
            Assert.Equal(diverges ? 0 : BatchSize, outcome.Rows);
        }

        Assert.Equal(healthy.Checkpoint().ToBytes(), poisoned.Checkpoint().ToBytes());
    }

    [Fact]
    public void A_replay_skips_what_was_set_aside_and_sets_aside_again_what_was_not_yet()
    {
        var store = new ArtifactStore(_folder);
        var start = Base();
        var optimizer = Optimizer("sgd");
        IEvent[] journal =
        [
            new LineageOpened { Base = store.Save(start), Optimizer = optimizer },
            Accepted(1, Batch(1)),
            Accepted(2, Poison(2, 1e12f)),
            Accepted(3, Batch(3)),
        ];
        using var healthy = Training("sgd");
        healthy.Apply(1, Batch(1));
        healthy.Apply(2, []);
        healthy.Apply(3, Batch(3));

        var lost = LineageReplay.Run(journal, store);
        var told = LineageReplay.Run([.. journal, new BatchSetAside { BatchNr = 2 }], store);
        // Whatever a batch does by now: once it is set aside, it is.
        var harmless = LineageReplay.Run([.. journal, new BatchSetAside { BatchNr = 3 }], store);

        Assert.Equal(healthy.Checkpoint().WeightsHash, lost.WeightsHash);
        Assert.Equal(lost, told);
        Assert.Equal((3, 3 * BatchSize, BatchSize), (lost.Batches, lost.Samples, lost.SetAside));
        Assert.Equal(2 * BatchSize, harmless.SetAside);
        Assert.NotEqual(lost.WeightsHash, harmless.WeightsHash);
    }

    [Fact]
    public void What_does_not_fit_the_schema_is_passed_over_and_all_is_as_without_it()
    {
        var samples = Batch(1);
        samples[3].User.Items[0].Text = "not a number";
        using var training = Training("adam");
        using var without = Training("adam");

        var outcome = training.Apply(1, samples);
        var expected = without.Apply(1, [.. samples.Where((_, i) => i != 3)]);

        Assert.Equal((BatchSize - 1, 1, null), (outcome.Rows, outcome.PassedOver, outcome.Diverged));
        Assert.Equal(expected.Loss, outcome.Loss);
        Assert.Equal(without.Checkpoint().ToBytes(), training.Checkpoint().ToBytes());
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(-1e300)]
    public void A_number_beyond_all_measure_is_learned_as_ten_deviations(double number)
    {
        var samples = Batch(1);
        samples[0].User.Items[0].Number = number;
        using var training = Training("sgd");

        Assert.Equal((BatchSize, 0), (training.Apply(1, samples).Rows, training.Apply(2, Batch(2)).PassedOver));
    }

    private static BatchAccepted Accepted(long nr, Sample[] samples) => new() { BatchNr = nr, Samples = { samples } };

    private static Sample[] Batch(int nr) =>
        [.. Enumerable.Range(nr * BatchSize, BatchSize).Select(k => PlantedData.Sample(k).Clone())];

    private static Sample[] Poison(int nr, float label)
    {
        var samples = Batch(nr);
        foreach (var sample in samples)
        {
            sample.Label = label;
        }

        return samples;
    }

    private static LineageTraining Training(string optimizer) =>
        new(Base(), "base", new LineageSettings { Optimizer = Optimizer(optimizer) }, 0, "cpu");

    private static OptimizerConfig Optimizer(string name) =>
        new()
        {
            Name = name,
            LearningRate = name == "sgd" ? 1 : 0.01f,
            WeightDecay = 0.01f,
        };

    private static ModelArtifact Base()
    {
        using var session = new TrainingSession(
            TrainingRules.Started(GivenRun.Start()).Config,
            PlantedData.Open(),
            null,
            "cpu"
        );
        return session.Checkpoint(1, 0.5, 0.7);
    }
}
