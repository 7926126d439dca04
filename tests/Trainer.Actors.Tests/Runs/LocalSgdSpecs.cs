using Akka.Actor;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Schedules;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class LocalSgdSpecs : TrainerTestKit
{
    private static readonly int[][] Batches =
    [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
        [12, 13],
    ];

    private readonly PreparedDataset _data = PlantedData.Open(trainRows: 14);

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public async Task A_round_ends_with_the_mean_of_what_each_worker_has_by_itself_weighted_by_rows(string optimizer)
    {
        var config = ConfigOf(optimizer, workers: 2, averageEvery: 2);
        var first = Alone(config, 0, 2);
        var second = Alone(config, 1, 3);

        var (state, replies) = await Trained(config);

        Assert.Equal([0, 1, 2, 3], replies.Select(r => r.Batch));
        Assert.Equal(2, state.Cursor!.Steps);
        var (ofFirst, ofSecond) = (8 / 14f, 6 / 14f);
        var expected = first.Zip(second, (a, b) => (ofFirst * a) + (ofSecond * b));
        Assert.All(expected.Zip(Numbers(state)), w => Assert.Equal(w.First, w.Second, 1e-6f));
        Assert.Contains(first.Zip(second), w => Math.Abs(w.First - w.Second) > 1e-3);
    }

    [Fact]
    public async Task A_worker_that_had_no_batch_has_no_part_in_the_mean()
    {
        var config = ConfigOf("adam", workers: 5, averageEvery: 1);

        var (state, _) = await Trained(config);

        var each = Enumerable.Range(0, 4).Select(b => Alone(config, b)).ToArray();
        var expected = Enumerable
            .Range(0, each[0].Length)
            .Select(k => Enumerable.Range(0, 4).Sum(b => each[b][k] * Batches[b].Length / 14));
        Assert.All(expected.Zip(Numbers(state)), w => Assert.Equal(w.First, w.Second, 1e-6f));
        Assert.Equal(1, state.Cursor!.Steps);
    }

    [Fact]
    public async Task The_learning_rate_follows_from_the_number_of_the_batch_whoever_trains_it()
    {
        var config = ConfigOf("sgd", workers: 2, averageEvery: 1);
        config.Schedule = new LearningRateSchedule { Name = LearningRates.Cosine };
        var alone = config.Clone();
        alone.Workers = 1;

        var (_, shared) = await Trained(config);
        var (_, one) = await Trained(alone);

        Assert.Equal(one.Select(r => r.LearningRate), shared.Select(r => r.LearningRate));
        Assert.Equal(4, shared.Select(r => r.LearningRate).Distinct().Count());
    }

    [Fact]
    public async Task The_ranking_begins_with_an_optimiser_that_has_taken_no_step_in_every_copy()
    {
        var start = GivenRun.Start(maxEpochs: 1, model: "Ralm");
        (start.Config.Workers, start.Config.AverageEvery, start.Config.RepresentationEpochs) = (2, 3, 2);
        var data = PlantedPeople.Open();

        await RegisteredBy(Run("run-1", Trainer(data)), start);

        var epochs = (await JournaledUntil<VersionHandedOver>("run-1")).OfType<EpochCompleted>().ToArray();
        Assert.Equal([true, true, false], epochs.Select(e => e.Representation));
        var batches = (data.Rows(Split.Train).Length + start.Config.BatchSize - 1) / start.Config.BatchSize;
        Assert.Equal((batches + 1) / 2, Store.Load(epochs[^1].Checkpoint).Cursor!.Steps);
    }

    /// <summary>The weights after these batches, by a session that nobody shares.</summary>
    private float[] Alone(TrainingConfig config, params int[] batches)
    {
        using var session = new TrainingSession(config, _data, null, "cpu");
        foreach (var batch in batches)
        {
            session.Train(1, batch, Batches[batch]);
        }

        return Numbers(session.Checkpoint(1, 0, 0));
    }

    private async Task<(ModelArtifact State, List<BatchTrained> Replies)> Trained(TrainingConfig config)
    {
        var trainer = Trainer(_data);
        var probe = CreateTestProbe();
        var run = TrainingRules.Started(GivenRun.Start());
        run.Config = config;
        trainer.Tell(new OpenTrainingSession("run-1", "s", run, null), probe.Ref);
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
        for (var batch = 0; batch < Batches.Length; batch++)
        {
            trainer.Tell(new TrainBatch("run-1", "s", 1, batch, Batches[batch]), probe.Ref);
        }

        var replies = new List<BatchTrained>();
        foreach (var _ in Batches)
        {
            replies.Add(await probe.ExpectMsgAsync<BatchTrained>(Patience));
        }

        trainer.Tell(new FinishEpoch("run-1", "s", 1, 0.5), probe.Ref);
        var finished = await probe.ExpectMsgAsync<EpochFinished>(Patience);
        return (Store.Load(finished.Result.Checkpoint), replies);
    }

    private static float[] Numbers(ModelArtifact artifact) =>
        [
            .. artifact
                .Weights.Concat(artifact.State)
                .OrderBy(t => t.Name, StringComparer.Ordinal)
                .SelectMany(t => t.Values.ToArray()),
        ];

    private static TrainingConfig ConfigOf(string optimizer, int workers, int averageEvery)
    {
        var start = GivenRun.Start();
        (start.Config.Workers, start.Config.AverageEvery, start.Config.BatchSize) = (workers, averageEvery, 4);
        start.Config.Optimizer = new OptimizerConfig { Name = optimizer, LearningRate = 0.05f };
        return TrainingRules.Started(start).Config;
    }
}
