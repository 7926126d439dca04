using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote;
using Akka.TestKit;
using Ralm.Datasets.Preparation;
using Ralm.Models.Training;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;
using RalmActors.TestSupport;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

/// <summary>A trainer and, over TCP, another node that may host its workers.</summary>
public sealed class RemoteWorkerSpecs : TrainerTestKit
{
    private const string Remote = """
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """;

    private TestHost? _other;

    private ActorSystem Other => _other!.System;

    protected override void ConfigureAkka(AkkaConfigurationBuilder builder, IServiceProvider provider)
    {
        base.ConfigureAkka(builder, provider);
        builder.AddHocon(Remote, HoconAddMode.Prepend);
    }

    protected override async Task AfterAllAsync()
    {
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }

        await base.AfterAllAsync();
    }

    [Theory]
    [InlineData("TwoTowerMha", "adam")]
    [InlineData("TwoTowerMha", "sgd")]
    [InlineData("Ralm", "adam")]
    public async Task A_worker_on_another_node_gives_the_weights_of_one_here_also_from_a_checkpoint(
        string model,
        string optimizer
    )
    {
        var data = PlantedPeople.Open();
        var here = await Weights(Trainer(data), "here", model, optimizer);
        await StartOther(_ => data);
        var trainer = TrainerWithOther(data);

        Assert.Equal(here, await Weights(trainer, "there", model, optimizer));

        var observer = CreateTestProbe();
        var first = Run("killed", Sys.ActorOf(Relay.Props(TrainerWithOther(data), 16, observer.Ref)));
        await Accepted(first, Start("killed", model, optimizer));
        await observer.ExpectMsgAsync<Relay.Dead>(Patience);
        await Stop(first);
        _ = Run("killed", trainer);
        await Registration();
        Assert.Equal(here, await WeightsOf("killed"));
    }

    [Fact]
    public async Task A_node_that_has_another_dataset_there_says_which_and_the_worker_is_opened_on_the_run_s_own()
    {
        await StartOther(path => throw new DirectoryNotFoundException($"there is no {path} here"));
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log.Ref, typeof(Warning));
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open()), CreateTestProbe());
        await Opened(trainer, probe);

        var placed = (WorkersPlaced)await probe.FishForMessageAsync(m => m is WorkersPlaced, Patience);

        var own = TrainerNodes.Name(AddressOf(Sys));
        Assert.Equal([own, own], placed.Nodes);
        var warning = (Warning)
            await log.FishForMessageAsync(m => m is Warning w && $"{w.Message}".Contains("not opened on"), Patience);
        Assert.Contains($"there is no {PlantedData.Path} here", $"{warning.Message}");
        await Train(trainer, probe);
    }

    [Fact]
    public async Task A_node_that_is_gone_leaves_the_worker_to_the_run_s_own()
    {
        var gone = await StartOther(_ => PlantedData.Open());
        await Other.Terminate();
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open(), gone), CreateTestProbe());
        await Opened(trainer, probe);

        var placed = (WorkersPlaced)await probe.FishForMessageAsync(m => m is WorkersPlaced, Patience);

        Assert.DoesNotContain(TrainerNodes.Name(gone), placed.Nodes);
        await Train(trainer, probe);
    }

    [Fact]
    public async Task A_worker_that_ends_there_takes_the_attempt_with_it()
    {
        await StartOther(_ => PlantedData.Open());
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open()), CreateTestProbe());
        await Opened(trainer, probe);
        await Train(trainer, probe);

        (await Hosted()).Tell(Kill.Instance);

        var failed = (TrainingSessionFailed)await probe.FishForMessageAsync(m => m is TrainingSessionFailed, Patience);
        Assert.False(failed.Final);
        Assert.Contains("worker 1", failed.Reason);
        var again = CreateTestProbe();
        await Opened(trainer, again);
        await Train(trainer, again);
    }

    [Fact]
    public async Task A_loss_that_is_no_number_there_ends_the_run_for_good()
    {
        await StartOther(_ => PlantedData.Open());
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open()), CreateTestProbe());
        await Opened(trainer, probe, learningRate: 1e30f);
        for (var batch = 0; batch < 4; batch++)
        {
            // Those of the worker here have no rows to fail on.
            int[] rows = batch % 2 == 0 ? [] : [.. Enumerable.Range(0, 64)];
            trainer.Tell(new TrainBatch("run-1", "s", 1, batch, rows), probe.Ref);
        }

        var failed = (TrainingSessionFailed)await probe.FishForMessageAsync(m => m is TrainingSessionFailed, Patience);

        Assert.True(failed.Final);
        Assert.Contains("learning rate", failed.Reason);
    }

    [Fact]
    public async Task A_worker_ends_with_its_run()
    {
        await StartOther(_ => PlantedData.Open());
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open()), CreateTestProbe());
        await Opened(trainer, probe);
        await Train(trainer, probe);
        var ended = (await Hosted()).WatchAsync();

        trainer.Tell(new CloseTrainingSession("run-1", "s"));

        await ended.WaitAsync(Patience);
    }

    /// <summary>The actors live on and say nothing; what was on its way may be lost.</summary>
    [Fact]
    public async Task A_connection_that_breaks_ends_the_worker_on_both_sides()
    {
        await StartOther(_ => PlantedData.Open());
        var (trainer, probe) = (TrainerWithOther(PlantedData.Open()), CreateTestProbe());
        await Opened(trainer, probe);
        await Train(trainer, probe);
        var ended = (await Hosted()).WatchAsync();

        await ((IRemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider).Transport.Shutdown();

        var failed = (TrainingSessionFailed)await probe.FishForMessageAsync(m => m is TrainingSessionFailed, Patience);
        Assert.Contains("the connection broke", failed.Reason);
        Assert.False(failed.Final);
        await ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_worker_that_is_asked_for_again_and_again_is_opened_once()
    {
        var opened = 0;
        await StartOther(_ =>
        {
            Interlocked.Increment(ref opened);
            return PlantedData.Open();
        });
        var workers = Other.ActorSelection($"/user/{TrainingWorkersActor.Name}");
        var probe = CreateTestProbe(Other);
        var open = Open();
        for (var k = 0; k < 3; k++)
        {
            workers.Tell(open, probe.Ref);
        }

        await probe.ExpectMsgAsync<TrainingWorkerOpened>(Patience);
        var worker = probe.LastSender;
        probe.Send(worker, new HandInState());
        await probe.ExpectMsgAsync<StateChunk>(Patience);
        Assert.Equal(1, opened);
        probe.Send(worker, new CloseTrainingWorker { RunId = "run-1" });
        await worker.WatchAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_dataset_of_another_hash_is_refused_with_both_of_them_named()
    {
        await StartOther(_ => PlantedData.Open());
        var probe = CreateTestProbe(Other);
        var open = Open();
        open.DatasetHash = new string('e', 64);

        Other.ActorSelection($"/user/{TrainingWorkersActor.Name}").Tell(open, probe.Ref);

        var failed = await probe.ExpectMsgAsync<TrainingWorkerFailed>(Patience);
        Assert.Contains(open.DatasetHash, failed.Reason);
        Assert.Contains(PlantedData.Hash, failed.Reason);
    }

    private static OpenTrainingWorker Open()
    {
        var started = TrainingRules.Started(Start("run-1", "TwoTowerMha", "adam"));
        return new OpenTrainingWorker
        {
            RunId = "run-1",
            SessionId = "s",
            Worker = 1,
            DatasetPath = started.DatasetPath,
            DatasetHash = started.DatasetHash,
            Config = started.Config,
        };
    }

    private async Task<Address> StartOther(Func<string, PreparedDataset> open)
    {
        _other = await TestHost.Start(
            "other",
            akka =>
                akka.WithRalmSerialization()
                    .AddHocon(Remote, HoconAddMode.Prepend)
                    .AddHocon(TrainerDispatcher.Hocon, HoconAddMode.Prepend)
        );
        Other.ActorOf(TrainingWorkersActor.Props(new DatasetCache(open), "cpu"), TrainingWorkersActor.Name);
        return AddressOf(Other);
    }

    private static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    private IActorRef TrainerWithOther(PreparedDataset data, Address? other = null)
    {
        other ??= AddressOf(Other);
        var nodes = new TrainerNodes(AddressOf(Sys), () => [other]);
        return Sys.ActorOf(
            DeviceActor.Props(Store, "cpu", new DatasetCache(_ => data), DeviceActor.DefaultRunsAtOnce, nodes)
        );
    }

    /// <summary>The worker on the other node.</summary>
    private Task<IActorRef> Hosted() =>
        Other.ActorSelection($"/user/{TrainingWorkersActor.Name}/*").ResolveOne(Patience);

    private static async Task Opened(IActorRef trainer, TestProbe probe, float learningRate = 0.01f)
    {
        var run = TrainingRules.Started(Start("run-1", "TwoTowerMha", "sgd"));
        run.Config.Optimizer.LearningRate = learningRate;
        trainer.Tell(new OpenTrainingSession("run-1", "s", run, null), probe.Ref);
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
    }

    /// <summary>The 4 batches of an epoch.</summary>
    private static async Task Train(IActorRef trainer, TestProbe probe)
    {
        for (var batch = 0; batch < 4; batch++)
        {
            trainer.Tell(new TrainBatch("run-1", "s", 1, batch, [1, 2, 3]), probe.Ref);
        }

        for (var batch = 0; batch < 4; batch++)
        {
            var trained = (BatchTrained)await probe.FishForMessageAsync(m => m is BatchTrained, Patience);
            Assert.Equal(batch, trained.Batch);
        }
    }

    private async Task<string> Weights(IActorRef trainer, string id, string model, string optimizer)
    {
        await RegisteredBy(Run(id, trainer), Start(id, model, optimizer));
        return await WeightsOf(id);
    }

    private async Task<string> WeightsOf(string id)
    {
        var epochs = (await JournaledUntil<VersionHandedOver>(id)).OfType<EpochCompleted>();
        return string.Join('\n', epochs.Select(e => $"{e.Epoch} {e.Checkpoint.WeightsHash} {e.TrainLoss:R}"));
    }

    private static StartTraining Start(string id, string model, string optimizer)
    {
        var start = GivenRun.Start(id);
        (start.Config.Model.Model, start.Config.Model.SeedClusters, start.Config.RepresentationEpochs) = (model, 3, 2);
        (start.Config.Workers, start.Config.AverageEvery, start.Config.Optimizer.Name) = (2, 2, optimizer);
        return start;
    }
}
