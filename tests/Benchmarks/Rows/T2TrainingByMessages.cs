using Akka.Actor;
using Akka.Hosting;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using Ralm.Ranking.Randomness;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Rows;

/// <summary>An epoch fed to the trainer batch by batch, four in flight, against the same loop without actors.</summary>
public sealed class T2TrainingByMessages : IComparison, IDisposable
{
    public const int TrainRows = 90_000;
    private const int BatchSize = 512;
    private const int Batches = (TrainRows + BatchSize - 1) / BatchSize;

    private static readonly TrainingStarted Run = RunOf(BatchSize);

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private PreparedDataset? _data;
    private TrainingSession? _alone;
    private TestHost? _node;
    private IActorRef? _trainer;
    private int _epoch;

    public string Id => "T2";
    public string Unit => "examples";
    public string Product => "trainer actor fed by messages, batch 512, 64 + 64 features";
    public string Peer => "the same training loop without actors";
    public double Must => 0.95;
    public double Stretch => 0.98;

    public async Task SetUp(CancellationToken ct)
    {
        _data = SyntheticDataset.Make(TrainRows * 10 / 9);
        _alone = new TrainingSession(Run.Config, _data, checkpoint: null, "cpu");
        _node = await BenchNode.Start(akka => akka.AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend), ct);
        _trainer = _node.System.ActorOf(DeviceActor.Props(new ArtifactStore(_folder), open: _ => _data));
        await _trainer.Ask<TrainingSessionOpened>(new OpenTrainingSession("bench", "s", Run, null), ct);
        await RunProduct(ct);
        await RunPeer(ct);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (trainer, epoch) = (_trainer!, ++_epoch);
        _node!.System.ActorOf(Props.Create(() => new EpochFeeder(trainer, "bench", epoch, TrainRows, BatchSize, done)));
        return await done.Task.WaitAsync(ct);
    }

    public Task<long> RunPeer(CancellationToken ct)
    {
        var order = new RowPermutation(TrainRows, RandomStream.ForEpoch(0, ++_epoch));
        var rows = 0L;
        var loss = 0.0;
        for (var batch = 0; batch < Batches; batch++)
        {
            var places = order.Batch(batch, BatchSize);
            loss += _alone!.Train(_epoch, batch, places).Loss * places.Length;
            rows += places.Length;
        }

        return Task.FromResult(loss > 0 ? rows : 0);
    }

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        _alone?.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>The reference model on the reference data; workers: 0, as a run that leaves it open.</summary>
    public static TrainingStarted RunOf(int batchSize, int workers = 0, int averageEvery = 0) =>
        new()
        {
            DatasetPath = "synthetic",
            DatasetHash = SyntheticDataset.Hash,
            Config = new TrainingConfig
            {
                Model = new ModelConfig
                {
                    Model = "TwoTowerMha",
                    TowerDim = 64,
                    HiddenDim = 128,
                    Heads = 4,
                    Dropout = 0.1f,
                },
                Optimizer = new OptimizerConfig { Name = "adam", LearningRate = 0.001f },
                BatchSize = batchSize,
                Workers = workers,
                AverageEvery = averageEvery,
            },
        };
}
