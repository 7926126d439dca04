using Ralm.Datasets.Preparation;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// Two runs side by side in a process that is killed at random points of either: a model in two phases, whose seeds and
/// clusters are made anew, and a model trained by two workers with every choice a run has. Both end with the weights they
/// have undisturbed.
/// </summary>
public sealed class RunKillSpecs(ITestOutputHelper output) : IDisposable
{
    private static readonly int Kills = Seeds.IsLong ? 20 : 1;
    private static readonly int Epochs = Seeds.IsLong ? 18 : 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-runs-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Killed_runs_end_with_the_weights_of_the_uninterrupted_ones()
    {
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 60, candidates: 60);
        await using var host = new HostProcess(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName);
        await host.Start();
        string[] models = ["ralm", "towers"];
        var expected = new List<string>();
        foreach (var model in models)
        {
            await Start(host, $"whole-{model}", data, model);
            expected.Add(await Ended(host, $"whole-{model}"));
        }

        foreach (var model in models)
        {
            await Start(host, $"killed-{model}", data, model);
        }

        var random = new Random(3);
        var points = new List<string>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var model = models[random.Next(models.Length)];
            var run = await Run(host, $"killed-{model}");
            var point = run.Epochs.Count + (1.5 * random.NextDouble());
            await Eventually.Is(async () =>
                (run = await Run(host, $"killed-{model}")).Status != RunStatus.Training || Place(run) >= point
            );
            await host.KillNine();
            points.Add(run.Status == RunStatus.Training ? $"{model} {Place(run):F2}" : $"{model} after its end");
            await host.Start();
        }

        for (var k = 0; k < models.Length; k++)
        {
            Assert.Equal(expected[k], await Ended(host, $"killed-{models[k]}"));
        }

        output.WriteLine($"{Kills} kills at epoch: {string.Join(", ", points)}");
    }

    /// <summary>Epochs done, and the part of the one under way.</summary>
    private static double Place(TrainingRunReply run) =>
        run.Epochs.Count + (run.Progress.Batch / (double)Math.Max(1, run.Progress.BatchesPerEpoch));

    private static Task<TrainingRunReply> Run(HostProcess host, string id) =>
        host.Get<TrainingRunReply>($"/training/runs/{id}");

    /// <summary>Waits for the end; weights of every epoch, and the figures of the best.</summary>
    private static async Task<string> Ended(HostProcess host, string id)
    {
        var run = new TrainingRunReply();
        await Eventually.Is(async () =>
        {
            run = await Run(host, id);
            Assert.False(run.Status is RunStatus.Failed, run.Reason);
            return run.Registered;
        });
        Assert.Equal(Enumerable.Range(1, run.Epochs.Count), run.Epochs.Select(e => e.Epoch));
        var epochs = run.Epochs.Select(e => $"{e.Epoch} {e.Checkpoint.WeightsHash} {e.TrainLoss:R} {e.ValidAuc:R}");
        return string.Join('\n', epochs.Concat(run.Metrics.Select(m => $"{m.Name} {m.Value:R} {m.Low:R} {m.High:R}")));
    }

    private static async Task Start(HostProcess host, string id, PreparedDatasetInfo data, string model)
    {
        var start = new StartTraining
        {
            Header = new CommandHeader { CommandId = $"start-{id}" },
            RunId = id,
            DatasetPath = data.Path,
            DatasetHash = data.Meta.Hash,
            Family = "city",
            Config = model == "ralm" ? Ralm : Towers,
        };
        await host.Accepted("/training/runs", start);
    }

    /// <summary>More seeds per candidate than clusters: they are clustered anew after every kill.</summary>
    private static TrainingConfig Ralm =>
        new()
        {
            Model = new ModelConfig
            {
                Model = "Ralm",
                TowerDim = 16,
                HiddenDim = 32,
                Heads = 2,
                SeedClusters = 6,
            },
            Schedule = new LearningRateSchedule { Name = "cosine", Warmup = 0.1f },
            BatchSize = 32,
            RepresentationEpochs = Epochs / 2,
            MaxEpochs = Epochs,
            Patience = Epochs,
            RandomSeed = 5,
        };

    private static TrainingConfig Towers =>
        new()
        {
            Model = new ModelConfig { TowerDim = 16, Heads = 2 },
            Optimizer = new OptimizerConfig
            {
                Name = "adamw",
                WeightDecay = 0.01f,
                ClipNorm = 0.5f,
            },
            Schedule = new LearningRateSchedule
            {
                Name = "step",
                Decay = 0.5f,
                DecayEvery = 2,
            },
            PositiveWeight = -1,
            Workers = 2,
            BatchSize = 16,
            MaxEpochs = Epochs * 3 / 2,
            Patience = Epochs * 3 / 2,
            RandomSeed = 5,
        };
}
