using Akka.Actor;
using RalmActors.Messages.Training;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class ParallelRunSpecs : TrainerTestKit
{
    [Theory]
    [InlineData("TwoTowerMha", 2, 0)]
    [InlineData("TwoTowerMha", 3, 0)]
    [InlineData("Ralm", 2, 0)]
    [InlineData("TwoTowerMha", 2, 1)]
    [InlineData("TwoTowerMha", 3, 2)]
    [InlineData("Ralm", 2, 2)]
    public async Task The_same_number_of_workers_gives_the_same_weights_whatever_else_is_trained(
        string model,
        int workers,
        int averageEvery
    )
    {
        var alone = await Weights(Trainer(PlantedPeople.Open()), "alone", model, workers, averageEvery);
        var trainer = Trainer(PlantedPeople.Open());
        string[] ids = ["together-1", "together-2", "together-3"];
        foreach (var id in ids)
        {
            await Accepted(Run(id, trainer), Start(id, model, id == "together-2" ? 1 : workers, averageEvery));
        }

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var _ in ids)
        {
            var version = await Registration();
            found[version.VersionId] = version.Artifact.WeightsHash;
        }

        Assert.Equal(alone, found["v-together-1"]);
        Assert.Equal(alone, found["v-together-3"]);
        Assert.NotEqual(alone, found["v-together-2"]);
    }

    [Theory]
    [InlineData("TwoTowerMha", 0)]
    [InlineData("Ralm", 0)]
    [InlineData("TwoTowerMha", 2)]
    [InlineData("Ralm", 2)]
    public async Task A_parallel_run_killed_at_any_message_ends_with_the_weights_of_the_uninterrupted_one(
        string model,
        int averageEvery
    )
    {
        var data = PlantedPeople.Open();
        var trainer = Trainer(data);
        var whole = await Weights(trainer, "whole", model, 2, averageEvery);
        for (var messages = 1; messages <= 21; messages += 4)
        {
            var id = $"killed-after-{messages}";
            var observer = CreateTestProbe();
            var first = Run(id, Sys.ActorOf(Relay.Props(Trainer(data), messages, observer.Ref)));
            await Accepted(first, Start(id, model, 2, averageEvery));
            await observer.ExpectMsgAsync<Relay.Dead>(Patience);
            await Stop(first);
            _ = Run(id, trainer);

            Assert.Equal(whole, (await Registration()).Artifact.WeightsHash);
        }
    }

    [Fact]
    public async Task Workers_move_the_weights_as_one_does_when_nothing_is_drawn()
    {
        async Task<float[]> Trained(int workers)
        {
            var start = Start($"workers-{workers}", "TwoTowerMha", workers);
            (start.Config.Model.Dropout, start.Config.Optimizer.Name) = (-1, "sgd");
            var version = await RegisteredBy(Run(start.RunId, Trainer(PlantedPeople.Open())), start);
            return [.. Store.Load(version.Artifact).Weights.SelectMany(w => w.Values.ToArray())];
        }

        var one = await Trained(1);

        foreach (var workers in (int[])[2, 3])
        {
            var several = await Trained(workers);
            Assert.InRange(one.Zip(several).Max(w => Math.Abs(w.First - w.Second)), 0, 1e-5);
        }
    }

    [Fact]
    public async Task A_batch_of_fewer_rows_than_workers_leaves_some_without_a_share()
    {
        var trainer = Trainer();
        var probe = CreateTestProbe();
        await Opened(trainer, probe, 3);

        for (var batch = 0; batch < 3; batch++)
        {
            trainer.Tell(new TrainBatch("run-1", "s", 1, batch, batch == 1 ? [5] : [1, 2, 3, 4]), probe.Ref);
        }

        foreach (var rows in (int[])[4, 1, 4])
        {
            var trained = await probe.ExpectMsgAsync<BatchTrained>(Patience);
            Assert.Equal(rows, trained.Rows);
            Assert.True(trained.GradientNorm > 0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_worker_that_ends_takes_the_attempt_with_it_and_the_next_one_has_all_of_them_again(
        int averageEvery
    )
    {
        var trainer = Trainer();
        var probe = CreateTestProbe();
        await Opened(trainer, probe, 2, averageEvery);
        trainer.Tell(new TrainBatch("run-1", "s", 1, 0, [1, 2, 3]), probe.Ref);
        var loss = (await probe.ExpectMsgAsync<BatchTrained>(Patience)).Loss;
        var worker = await Sys.ActorSelection(trainer.Path / "*").ResolveOne(Patience);
        probe.Watch(worker);
        worker.Tell(PoisonPill.Instance);
        await probe.ExpectTerminatedAsync(worker, Patience);

        trainer.Tell(new TrainBatch("run-1", "s", 1, 1, [1, 2, 3]), probe.Ref);

        Assert.False((await probe.ExpectMsgAsync<TrainingSessionFailed>(Patience)).Final);
        var again = CreateTestProbe();
        await Opened(trainer, again, 2, averageEvery);
        trainer.Tell(new TrainBatch("run-1", "s", 1, 0, [1, 2, 3]), again.Ref);
        Assert.Equal(loss, (await again.ExpectMsgAsync<BatchTrained>(Patience)).Loss);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_closed_run_stops_its_workers(int averageEvery)
    {
        var trainer = Trainer();
        var probe = CreateTestProbe();
        await Opened(trainer, probe, 2, averageEvery);
        probe.Watch(await Sys.ActorSelection(trainer.Path / "*").ResolveOne(Patience));

        trainer.Tell(new CloseTrainingSession("run-1", "s"));

        await probe.ExpectMsgAsync<Terminated>(Patience);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_loss_that_is_no_number_at_any_worker_ends_the_run_for_good(int averageEvery)
    {
        var trainer = Trainer();
        var probe = CreateTestProbe();
        var run = TrainingRules.Started(Start("run-1", "TwoTowerMha", 2, averageEvery));
        run.Config.Optimizer = new OptimizerConfig { Name = "sgd", LearningRate = 1e30f };
        trainer.Tell(new OpenTrainingSession("run-1", "s", run, null), probe.Ref);
        for (var batch = 0; batch < 50; batch++)
        {
            trainer.Tell(new TrainBatch("run-1", "s", 1, batch, [.. Enumerable.Range(0, 64)]), probe.Ref);
        }

        var failed = (TrainingSessionFailed)await probe.FishForMessageAsync(m => m is TrainingSessionFailed, Patience);

        Assert.True(failed.Final);
        Assert.Contains("learning rate", failed.Reason);
    }

    private static async Task Opened(IActorRef trainer, Akka.TestKit.TestProbe probe, int workers, int averageEvery = 0)
    {
        var run = TrainingRules.Started(Start("run-1", "TwoTowerMha", workers, averageEvery));
        trainer.Tell(new OpenTrainingSession("run-1", "s", run, null), probe.Ref);
        await probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
    }

    private async Task<string> Weights(IActorRef trainer, string id, string model, int workers, int averageEvery) =>
        (await RegisteredBy(Run(id, trainer), Start(id, model, workers, averageEvery))).Artifact.WeightsHash;

    private static StartTraining Start(string id, string model, int workers, int averageEvery = 0)
    {
        var start = GivenRun.Start(id);
        (start.Config.Model.Model, start.Config.Model.SeedClusters, start.Config.RepresentationEpochs) = (model, 3, 2);
        (start.Config.Workers, start.Config.AverageEvery, start.Config.Optimizer.ClipNorm) = (
            workers,
            averageEvery,
            0.5f
        );
        return start;
    }
}
