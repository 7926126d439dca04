using System.Diagnostics;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>
/// Figures, not verdicts; run by hand: <c>Trainer.Actors.Tests -explicit only -class "*WorkersMeasures" -showliveoutput</c>.
/// </summary>
public sealed class WorkersMeasures(ITestOutputHelper output) : TrainerTestKit
{
    private const int Rows = 60_000;
    private const int Users = 4_000;
    private const int Candidates = 1_000;
    private const int Width = 16;

    /// <summary>
    /// What workers do to the quality of a model: people with numbers, labels drawn with a known probability, three seeds.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Validation_figures_of_one_worker_and_of_several()
    {
        var (data, bayes) = Open();
        output.WriteLine($"Bayes AUC {bayes:F4}");
        foreach (
            var (workers, averageEvery, batchSize, rate) in ((int, int, int, float)[])
                [
                    (1, 0, 256, 1e-3f),
                    (1, 0, 256, 2e-3f),
                    (2, 0, 256, 1e-3f),
                    (2, 1, 256, 1e-3f),
                    (2, 8, 256, 1e-3f),
                    (2, 64, 256, 1e-3f),
                    (2, 8, 256, 2e-3f),
                    (2, 64, 256, 2e-3f),
                    (2, 8, 128, 1e-3f),
                    (4, 8, 256, 1e-3f),
                    (4, 8, 256, 4e-3f),
                    (4, 8, 64, 1e-3f),
                ]
        )
        {
            foreach (var seed in (ulong[])[1, 2, 3])
            {
                var run =
                    $"{workers} workers, average_every {averageEvery}, batch {batchSize}, rate {rate}, seed {seed}";
                var start = GivenRun.Start(
                    $"{workers}-{averageEvery}-{batchSize}-{rate}-{seed}",
                    maxEpochs: 30,
                    seed: seed
                );
                start.Config = new TrainingConfig
                {
                    Model = new ModelConfig
                    {
                        Model = "TwoTowerMha",
                        TowerDim = 32,
                        HiddenDim = 64,
                    },
                    Optimizer = new OptimizerConfig { LearningRate = rate },
                    BatchSize = batchSize,
                    Workers = workers,
                    AverageEvery = averageEvery,
                    MaxEpochs = 30,
                    RandomSeed = seed,
                };
                var clock = Stopwatch.StartNew();
                await Accepted(Run(start.RunId, Trainer(data)), start);
                var version = await Registry.ExpectMsgAsync<RegisterVersion>(TimeSpan.FromMinutes(5));
                Registry.Reply(
                    new CommandReply { CommandId = version.Header.CommandId, Outcome = CommandOutcome.Accepted }
                );
                var epochs = (await Journaled(start.RunId)).OfType<EpochCompleted>().ToArray();
                var best = epochs.MaxBy(e => e.ValidAuc)!;
                output.WriteLine(
                    $"{run}: AUC {epochs[0].ValidAuc:F4} after epoch 1, best {best.ValidAuc:F4} in epoch {best.Epoch}, "
                        + $"log loss {best.ValidLogLoss:F4}; {clock.Elapsed.TotalSeconds:F1} s"
                );
            }
        }
    }

    private static (PreparedDataset Data, double Bayes) Open()
    {
        var (users, candidates) = (Numbers(Users, 1), Numbers(Candidates, 2));
        var (userOf, candidateOf) = (new int[Rows], new int[Rows]);
        var (labels, chances) = (new float[Rows], new float[Rows]);
        for (var k = 0; k < Rows; k++)
        {
            (userOf[k], candidateOf[k]) = (Pick(3, k, Users), Pick(4, k, Candidates));
            var logit = -0.5;
            for (var n = 0; n < 6; n++)
            {
                logit += users[(userOf[k] * Width) + n] * candidates[(candidateOf[k] * Width) + n];
            }

            chances[k] = (float)(1 / (1 + Math.Exp(-logit)));
            labels[k] = RandomStream.Uniform(5, k) < chances[k] ? 1 : 0;
        }

        const int Valid = Rows / 5;
        var meta = new DatasetMeta(
            PlantedData.Path,
            PlantedData.Hash,
            "",
            Rows,
            Users,
            Candidates,
            Width,
            Width,
            0,
            Rows - Valid,
            Valid,
            0,
            labels.Average()
        );
        var data = new PreparedDataset(
            meta,
            null,
            users,
            candidates,
            [],
            userOf,
            candidateOf,
            labels,
            [.. Enumerable.Range(0, Rows).Select(k => k < Rows - Valid ? Split.Train : Split.Valid)]
        );
        return (data, RankingMetrics.Auc(chances.AsSpan(Rows - Valid), labels.AsSpan(Rows - Valid)));
    }

    private static int Pick(ulong seed, int k, int count) => (int)(RandomStream.Uniform(seed, k) * count);

    private static float[] Numbers(int rows, ulong seed) =>
        [.. Enumerable.Range(0, rows * Width).Select(k => (RandomStream.Uniform(seed, k) - 0.5f) * 3.46f)];
}
