using Ralm.Datasets.Preparation;
using RalmActors.Cluster.Specs.Support;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Cluster.Specs;

/// <summary>
/// One run whose workers are on three nodes, each a process: it ends with the weights it has on one node, also when the node
/// of a worker is killed in the middle.
/// </summary>
public sealed class WorkersOnNodesSpecs(PostgresServer postgres, ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-workers-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Workers_on_several_nodes_give_the_weights_of_one_also_when_one_of_the_nodes_is_killed()
    {
        var data = AgeCity.Prepare(Path.Combine(_folder, "city"), users: 60, candidates: 60);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        void Say(string what) => output.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s: {what}");
        await using var cluster = new HostCluster(_folder, await postgres.NewDatabase());
        await cluster.Add();
        Say("one node");
        await Start(cluster, "here", data);
        var here = await Ended(cluster, "here");
        Say("trained on one");
        // Of two nodes, none would know that it is the other one that has gone.
        await cluster.Add(2);

        Say("three nodes");
        await Start(cluster, "spread", data);
        var nodes = await Spread(cluster, "spread");
        Assert.Equal(here, await Ended(cluster, "spread"));

        Say("trained on three");
        await Start(cluster, "killed", data);
        nodes = await Spread(cluster, "killed");
        var run = await Run(cluster, "killed");
        await Eventually.Is(async () => (run = await Run(cluster, "killed")).Progress.Epoch > 2);
        Assert.Equal(RunStatus.Training, run.Status);
        // Node 0 answers the spec; the run goes on wherever it is.
        var victim = nodes.Skip(1).Select(cluster.IndexOf).First(n => n > 0);
        await cluster[victim].KillNine();
        Say($"workers on {string.Join(", ", nodes)}; node {victim} killed in epoch {run.Progress.Epoch}");

        await Eventually.Is(async () =>
        {
            run = await Run(cluster, "killed");
            return run.Progress.Workers.Count > 0 && !run.Progress.Workers.Contains(cluster.NameOf(victim));
        });
        Say($"workers on {string.Join(", ", run.Progress.Workers)}");
        Assert.Equal(here, await Ended(cluster, "killed"));
        Say("trained");
    }

    private static Task<TrainingRunReply> Run(HostCluster cluster, string id) =>
        cluster[0].Get<TrainingRunReply>($"/training/runs/{id}");

    /// <summary>Waits until each worker is on a node of its own.</summary>
    private static async Task<IReadOnlyList<string>> Spread(HostCluster cluster, string id)
    {
        var run = new TrainingRunReply();
        await Eventually.Is(async () =>
        {
            run = await Run(cluster, id);
            Assert.Equal(RunStatus.Training, run.Status);
            return run.Progress.Workers.Count > 0;
        });
        Assert.Equal(3, run.Progress.Workers.Distinct().Count());
        return run.Progress.Workers;
    }

    /// <summary>Waits for the end; weights and figures of every epoch.</summary>
    private static async Task<string> Ended(HostCluster cluster, string id)
    {
        var run = new TrainingRunReply();
        await Eventually.Is(async () =>
        {
            run = await Run(cluster, id);
            Assert.False(run.Status is RunStatus.Failed, run.Reason);
            return run.Registered;
        });
        return string.Join('\n', run.Epochs.Select(e => $"{e.Epoch} {e.Checkpoint.WeightsHash} {e.TrainLoss:R}"));
    }

    private static Task Start(HostCluster cluster, string id, PreparedDatasetInfo data) =>
        cluster[0]
            .Accepted(
                "/training/runs",
                new StartTraining
                {
                    Header = new CommandHeader { CommandId = $"start-{id}" },
                    RunId = id,
                    DatasetPath = data.Path,
                    DatasetHash = data.Meta.Hash,
                    Family = "city",
                    Config = Config,
                }
            );

    /// <summary>Two phases, and more seeds per candidate than clusters.</summary>
    private static TrainingConfig Config =>
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
            BatchSize = 16,
            RepresentationEpochs = 2,
            MaxEpochs = 4,
            Patience = 4,
            RandomSeed = 5,
            Workers = 3,
            AverageEvery = 4,
        };
}
