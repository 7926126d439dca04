using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Hosting;
using Ralm.Datasets.Preparation;
using Ralm.Models.Artifacts;
using Ralm.Models.Training;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using RalmActors.Trainer.Actors;

namespace RalmActors.Benchmarks.Rows;

/// <summary>Two workers of one thread each, against one worker; both by messages.</summary>
/// <remarks>The note says what two runs at once, which share nothing, reach on the same machine: no sharing can do better.</remarks>
public sealed class T3ParallelTraining(string id, int batchSize, int averageEvery) : IComparison, IDisposable
{
    private const int TrainRows = 90_000;

    /// <summary>What a network asks for.</summary>
    private const int Seldom = 64;

    /// <summary>A process that has just begun compiles its code again while it runs.</summary>
    private const int EpochsToWarmUp = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private PreparedDataset? _data;
    private TestHost? _node;
    private IActorRef? _trainer;
    private IActorRef? _other;
    private int _epoch;

    public string Id => id;
    public string Unit => "examples";
    public string Product =>
        averageEvery == 0
            ? $"2 workers of one thread, every batch of {batchSize} shared, 64 + 64 features"
            : $"2 workers of one thread, weights averaged after every {averageEvery} batches of {batchSize}, 64 + 64 features";
    public string Peer => "1 worker";
    public double Must => 1.6;
    public double Stretch => 1.8;
    public string Note { get; private set; } = "";

    public async Task SetUp(CancellationToken ct)
    {
        _data = SyntheticDataset.Make(TrainRows * 10 / 9);
        _node = await BenchNode.Start(akka => akka.AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend), ct);
        _trainer = _node.System.ActorOf(DeviceActor.Props(new ArtifactStore(_folder), open: _ => _data));
        _other = _node.System.ActorOf(DeviceActor.Props(new ArtifactStore(_folder), open: _ => _data));
        await Open(_trainer, 1, ct);
        await Open(_trainer, 2, ct);
        await Open(_other, 1, ct);

        await RunProduct(ct);
        await RunPeer(ct);
        Note = await Ceiling(ct);
        if (averageEvery > 0)
        {
            Note +=
                $"; the second worker in another process, over TCP: {await OverTcp(averageEvery, ct)}, "
                + $"averaged after every {Seldom} batches: {await OverTcp(Seldom, ct)}. Rows a second, not learning: "
                + "docs/training.md has what averaging does to that";
        }
    }

    public Task<long> RunProduct(CancellationToken ct) => Epoch(_trainer!, 2, ct);

    public Task<long> RunPeer(CancellationToken ct) => Epoch(_trainer!, 1, ct);

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<string> Ceiling(CancellationToken ct)
    {
        var ratios = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var one = Stopwatch.StartNew();
            await Epoch(_trainer!, 1, ct);
            var alone = one.Elapsed;
            var two = Stopwatch.StartNew();
            await Task.WhenAll(Epoch(_trainer!, 1, ct), Epoch(_other!, 1, ct));
            ratios.Add(2 * alone / two.Elapsed);
        }

        ratios.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Id}: two runs at once that share nothing reach {ratios[2]:F2} times one ({ratios[0]:F2} to {ratios[^1]:F2})"
        );
    }

    /// <summary>The second worker in another process, on a connection as between machines.</summary>
    private async Task<string> OverTcp(int every, CancellationToken ct)
    {
        using var there = await WorkerNode.Start(TrainRows * 10 / 9, ct);
        var nodes = new TrainerNodes(
            ((ExtendedActorSystem)_node!.System).Provider.DefaultAddress,
            () => [there.Address]
        );
        var datasets = new DatasetCache(_ => _data!);
        var trainer = _node.System.ActorOf(
            DeviceActor.Props(new ArtifactStore(_folder), "cpu", datasets, DeviceActor.DefaultRunsAtOnce, nodes)
        );
        await Open(trainer, 2, ct, every);
        for (var epoch = 0; epoch < EpochsToWarmUp; epoch++)
        {
            await Epoch(trainer, 2, ct);
        }

        var ratios = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            var one = Stopwatch.StartNew();
            await Epoch(_trainer!, 1, ct);
            var alone = one.Elapsed;
            var two = Stopwatch.StartNew();
            await Epoch(trainer, 2, ct);
            ratios.Add(alone / two.Elapsed);
        }

        ratios.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"{ratios[2]:F2} ({ratios[0]:F2} to {ratios[^1]:F2})");
    }

    private Task<TrainingSessionOpened> Open(IActorRef trainer, int workers, CancellationToken ct, int? every = null) =>
        trainer.Ask<TrainingSessionOpened>(
            new OpenTrainingSession(
                $"workers-{workers}",
                "s",
                T2TrainingByMessages.RunOf(batchSize, workers, every ?? averageEvery),
                null
            ),
            ct
        );

    private async Task<long> Epoch(IActorRef trainer, int workers, CancellationToken ct)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (run, epoch, size) = ($"workers-{workers}", ++_epoch, batchSize);
        var inFlight = averageEvery > 0 ? 6 * workers : 4;
        _node!.System.ActorOf(
            Props.Create(() => new EpochFeeder(trainer, run, epoch, TrainRows, size, done, inFlight))
        );
        return await done.Task.WaitAsync(ct);
    }
}
