using Akka.Actor;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Entities;
using RalmActors.Trainer.Domain.Runs;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Runs;

public sealed class WaitingRunSpecs : TrainerTestKit
{
    [Fact]
    public async Task Runs_without_a_place_wait_in_the_order_they_were_started()
    {
        var trainer = OneAtATime();
        await Open<TrainingSessionOpened>(trainer, "first", minute: 9);
        var late = await Open<TrainingSessionWaiting>(trainer, "a-late", minute: 3);
        var early = await Open<TrainingSessionWaiting>(trainer, "z-early", minute: 2);
        Assert.Equal(2, (await late.Probe.ExpectMsgAsync<TrainingSessionWaiting>(Patience)).Place);
        Assert.Equal((1, 1), (late.Reply.Place, early.Reply.Place));

        trainer.Tell(new CloseTrainingSession("first", "s"));

        Assert.Equal("z-early", (await early.Probe.ExpectMsgAsync<TrainingSessionOpened>(Patience)).RunId);
        Assert.Equal(1, (await late.Probe.ExpectMsgAsync<TrainingSessionWaiting>(Patience)).Place);
        trainer.Tell(new CloseTrainingSession("z-early", "s"));
        await late.Probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
    }

    [Fact]
    public async Task A_run_that_no_longer_waits_loses_its_place_in_the_queue()
    {
        var trainer = OneAtATime();
        await Open<TrainingSessionOpened>(trainer, "first", minute: 1);
        var cancelled = await Open<TrainingSessionWaiting>(trainer, "cancelled", minute: 2);
        var other = await Open<TrainingSessionWaiting>(trainer, "other", minute: 3);
        await cancelled.Probe.ExpectMsgAsync<TrainingSessionWaiting>(Patience);

        trainer.Tell(new CloseTrainingSession("cancelled", "s"));
        trainer.Tell(new CloseTrainingSession("first", "s"));

        await other.Probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
        await cancelled.Probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_run_whose_session_cannot_open_gives_its_place_to_the_next()
    {
        var trainer = OneAtATime();
        await Open<TrainingSessionOpened>(trainer, "first", minute: 1);
        var broken = await Open<TrainingSessionWaiting>(trainer, "broken", minute: 2, new string('e', 64));
        var other = await Open<TrainingSessionWaiting>(trainer, "other", minute: 3);
        await broken.Probe.ExpectMsgAsync<TrainingSessionWaiting>(Patience);

        trainer.Tell(new CloseTrainingSession("first", "s"));

        Assert.True((await broken.Probe.ExpectMsgAsync<TrainingSessionFailed>(Patience)).Final);
        await other.Probe.ExpectMsgAsync<TrainingSessionOpened>(Patience);
    }

    [Fact]
    public async Task Asking_again_opens_no_session_a_second_time_and_keeps_the_place()
    {
        var trainer = OneAtATime();
        var first = await Open<TrainingSessionOpened>(trainer, "first", minute: 1);
        var second = await Open<TrainingSessionWaiting>(trainer, "second", minute: 2);
        trainer.Tell(Message("first", 1), first.Probe.Ref);
        trainer.Tell(Message("second", 2), second.Probe.Ref);

        Assert.Equal(1, (await second.Probe.ExpectMsgAsync<TrainingSessionWaiting>(Patience)).Place);
        await first.Probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
        trainer.Tell(new TrainBatch("first", "s", 1, 0, [1, 2, 3]), first.Probe.Ref);
        await first.Probe.ExpectMsgAsync<BatchTrained>(Patience);
    }

    private IActorRef OneAtATime()
    {
        var data = PlantedData.Open();
        return Sys.ActorOf(DeviceActor.Props(Store, open: _ => data, runsAtOnce: 1));
    }

    private async Task<(T Reply, Akka.TestKit.TestProbe Probe)> Open<T>(
        IActorRef trainer,
        string runId,
        int minute,
        string? hash = null
    )
    {
        var probe = CreateTestProbe();
        trainer.Tell(Message(runId, minute, hash), probe.Ref);
        return (await probe.ExpectMsgAsync<T>(Patience), probe);
    }

    private static OpenTrainingSession Message(string runId, int minute, string? hash = null)
    {
        var run = TrainingRules.Started(GivenRun.Start(runId, hash: hash));
        run.Header = new EventHeader { At = Timestamp.FromDateTimeOffset(GivenRun.Now.AddMinutes(minute)) };
        return new OpenTrainingSession(runId, "s", run, null);
    }
}
