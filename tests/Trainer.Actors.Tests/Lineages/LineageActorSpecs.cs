using Akka.Actor;
using Akka.Hosting.TestKit;
using Akka.TestKit;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>The spec plays the trainer, and so decides when a batch is done.</summary>
public sealed class LineageActorSpecs : PersistenceTestKit
{
    private static readonly LineageOptions Options = new()
    {
        BatchesInFlight = 2,
        MaxWaitingSamples = 12,
        MaxWait = TimeSpan.FromMilliseconds(50),
    };

    private TestProbe Trainer => field ??= CreateTestProbe();

    private TestProbe User => field ??= CreateTestProbe();

    [Fact]
    public async Task A_slow_trainer_slows_the_senders_and_nothing_is_accepted_beyond_its_credits()
    {
        var lineage = await Open();
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        for (var u = 1; u <= 5; u++)
        {
            lineage.Tell(Given.Offer($"u-{u}", 1, 4), User);
        }

        // Two batches are with the trainer, their users are answered; the others wait.
        Assert.Equal(1, (await Trainer.ExpectMsgAsync<ApplyBatch>()).BatchNr);
        Assert.Equal(2, (await Trainer.ExpectMsgAsync<ApplyBatch>()).BatchNr);
        Assert.Equal("u-1", (await User.ExpectMsgAsync<DeliveryAcknowledged>()).UserId);
        Assert.Equal("u-2", (await User.ExpectMsgAsync<DeliveryAcknowledged>()).UserId);
        Assert.Equal(2, (await Ask(lineage)).BatchesAccepted);

        lineage.Tell(Given.Offer("u-6", 1, 4), User);
        var refused = await User.ExpectMsgAsync<CommandReply>();
        Assert.Equal(RejectionCode.Overloaded, refused.Rejection.Code);

        lineage.Tell(new BatchApplied("champion", session, 1, 0.7, 4, 0), Trainer);
        Assert.Equal(3, (await Trainer.ExpectMsgAsync<ApplyBatch>()).BatchNr);
        Assert.Equal("u-3", (await User.ExpectMsgAsync<DeliveryAcknowledged>()).UserId);
        Assert.Equal(3, (await Ask(lineage)).BatchesAccepted);
    }

    [Fact]
    public async Task One_that_has_taken_itself_back_says_why_it_is_paused_and_has_its_model_trained_anew()
    {
        var lineage = await Open();
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 4), User);
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        var behind = new LineageFellBehind
        {
            BatchNr = 1,
            Samples = 900,
            ExcessLoss = 0.25,
        };

        lineage.Tell(new BatchApplied("champion", session, 1, 0.7, 4, 0) { Behind = behind }, Trainer);

        LineageReply reply = new();
        await AwaitAssertAsync(async () =>
        {
            reply = await Ask(lineage);
            Assert.StartsWith("it is paused: its log loss was 0.250 above", reply.Problem, StringComparison.Ordinal);
        });
        Assert.Equal("champion-1", Assert.Single(reply.Retrainings).Asked.RetrainingId);
        Assert.StartsWith("its log loss", reply.SettingsReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_batches_not_in_the_checkpoint_come_before_any_new_one()
    {
        var lineage = await Open(checkpointEvery: 2);
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 8), User);
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        lineage.Tell(new BatchApplied("champion", session, 1, 0.7, 4, 0), Trainer);
        lineage.Tell(new BatchApplied("champion", session, 2, 0.6, 4, 0), Trainer);
        await Trainer.ExpectMsgAsync<WriteLineageCheckpoint>();
        lineage.Tell(new LineageCheckpointWritten("champion", session, Given.Artifact(9), 2), Trainer);
        lineage.Tell(Given.Offer("u-1", 9, 12), User);
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        await lineage.GracefulStop(TimeSpan.FromSeconds(10), StopEntity.Instance);
        await Trainer.ExpectMsgAsync<CloseLineageSession>();

        lineage = Start();
        lineage.Tell(Given.Offer("u-2", 1, 4), User);

        var opened = await Trainer.ExpectMsgAsync<OpenLineageSession>();
        Assert.Equal((Given.Artifact(9), 2), (opened.Artifact, opened.BatchNr));
        Assert.NotEqual(session, opened.SessionId);
        var replayed = await Trainer.ExpectMsgAsync<ApplyBatch>();
        Assert.Equal((3, "u-1/9"), (replayed.BatchNr, replayed.Samples[0].InteractionId));
        var next = await Trainer.ExpectMsgAsync<ApplyBatch>();
        Assert.Equal((4, "u-2/1"), (next.BatchNr, next.Samples[0].InteractionId));

        // A late answer of the session before is not this one's.
        lineage.Tell(new LineageCheckpointWritten("champion", session, Given.Artifact(10), 3), Trainer);
        Assert.Equal(2, (await Ask(lineage)).CheckpointBatchNr);
    }

    [Fact]
    public async Task The_prequential_loss_fades_with_the_samples_and_is_told_with_the_checkpoint()
    {
        var lineage = await Open(checkpointEvery: 2);
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 8), User);
        lineage.Tell(new BatchApplied("champion", session, 1, 0.7, 4, 0), Trainer);
        lineage.Tell(new BatchApplied("champion", session, 2, 0.2, 4, 0), Trainer);
        lineage.Tell(new LineageCheckpointWritten("champion", session, Given.Artifact(9), 2), Trainer);

        await AwaitConditionAsync(async () => (await Ask(lineage)).CheckpointBatchNr == 2, Waiting.Patience);

        var faded = Math.Pow(0.98, 4.0 / 32);
        Assert.Equal(((faded * 0.7) + 0.2) / (faded + 1), (await Ask(lineage)).PrequentialLoss, precision: 12);
    }

    [Fact]
    public async Task A_batch_that_diverges_is_set_aside_before_any_checkpoint_and_those_behind_it_are_learned()
    {
        var lineage = await Open(checkpointEvery: 2);
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 8), User);
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        lineage.Tell(new BatchDiverged("champion", session, 1, "too much"), Trainer);
        lineage.Tell(new BatchApplied("champion", session, 2, 0.6, 3, 1), Trainer);
        lineage.Tell(new LineageCheckpointWritten("champion", session, Given.Artifact(9), 2), Trainer);

        await AwaitConditionAsync(async () => (await Ask(lineage)).CheckpointBatchNr == 2, Waiting.Patience);

        var reply = await Ask(lineage);
        Assert.Equal((8, 3, 1, 4), Accounts(reply));
        Assert.Equal(0.6, reply.PrequentialLoss, precision: 12);
        Assert.Equal([1, 2, 3, 4], Assert.Single(reply.SetAside).Samples.Select(s => s.SampleSeq));
        Assert.Equal("", reply.Problem);
        // The session goes on: nothing is opened anew.
        await Trainer.ExpectMsgAsync<WriteLineageCheckpoint>();
        lineage.Tell(Given.Offer("u-2", 1, 4), User);
        Assert.Equal(3, (await Trainer.ExpectMsgAsync<ApplyBatch>()).BatchNr);
    }

    [Fact]
    public async Task After_a_restart_a_batch_set_aside_is_not_tried_again_and_one_whose_event_was_lost_is()
    {
        var lineage = await Open();
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 8), User);
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        await Trainer.ExpectMsgAsync<ApplyBatch>();
        lineage.Tell(new BatchDiverged("champion", session, 1, "too much"), Trainer);
        await AwaitConditionAsync(async () => (await Ask(lineage)).BatchesSetAside == 1, Waiting.Patience);
        Watch(lineage);
        await WithJournalWrite(
            write => write.Fail(),
            async () =>
            {
                lineage.Tell(new BatchDiverged("champion", session, 2, "too much"), Trainer);
                await ExpectTerminatedAsync(lineage, Waiting.Patience);
            }
        );
        await Trainer.ExpectMsgAsync<CloseLineageSession>();

        lineage = Start();
        var again = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        Assert.Equal((1, 0), BatchOf(await Trainer.ExpectMsgAsync<ApplyBatch>()));
        Assert.Equal((2, 4), BatchOf(await Trainer.ExpectMsgAsync<ApplyBatch>()));
        lineage.Tell(new BatchApplied("champion", again, 1, 0, 0, 0), Trainer);
        lineage.Tell(new BatchDiverged("champion", again, 2, "too much"), Trainer);
        await AwaitConditionAsync(async () => (await Ask(lineage)).BatchesSetAside == 2, Waiting.Patience);
        Assert.Equal((8, 0, 0, 8), Accounts(await Ask(lineage)));
    }

    [Fact]
    public async Task What_fits_no_schema_is_counted_and_changes_no_loss_also_after_a_restart()
    {
        var lineage = await Open();
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>()).SessionId;
        lineage.Tell(Given.Offer("u-1", 1, 8), User);
        lineage.Tell(new BatchApplied("champion", session, 1, 0.7, 4, 0), Trainer);
        lineage.Tell(new BatchApplied("champion", session, 2, 0, 0, 4), Trainer);
        await AwaitConditionAsync(async () => (await Ask(lineage)).SamplesPassedOver == 4, Waiting.Patience);
        Assert.Equal((8, 4, 4, 0), Accounts(await Ask(lineage)));
        Assert.Equal(0.7, (await Ask(lineage)).PrequentialLoss, precision: 12);
        await lineage.GracefulStop(Waiting.Patience, StopEntity.Instance);

        lineage = Start();
        var again = (await Trainer.FishForMessageAsync<OpenLineageSession>(m => m.SessionId != session)).SessionId;
        lineage.Tell(new BatchApplied("champion", again, 1, 0.7, 4, 0), Trainer);
        lineage.Tell(new BatchApplied("champion", again, 2, 0, 0, 4), Trainer);
        await AwaitConditionAsync(async () => (await Ask(lineage)).SamplesPassedOver == 4, Waiting.Patience);
        Assert.Equal((8, 4, 4, 0), Accounts(await Ask(lineage)));
        Assert.Equal(0.7, (await Ask(lineage)).PrequentialLoss, precision: 12);
    }

    [Fact]
    public async Task A_batch_the_journal_refuses_is_not_answered_and_is_learned_once_when_offered_again()
    {
        var lineage = await Open();
        await Trainer.ExpectMsgAsync<OpenLineageSession>();
        Watch(lineage);
        await WithJournalWrite(
            write => write.Fail(),
            async () =>
            {
                lineage.Tell(Given.Offer("u-1", 1, 4), User);
                await ExpectTerminatedAsync(lineage, Waiting.Patience);
            }
        );
        await Trainer.ExpectMsgAsync<CloseLineageSession>();

        lineage = Start();
        lineage.Tell(Given.Offer("u-1", 1, 4), User);

        Assert.Equal(4, (await User.ExpectMsgAsync<DeliveryAcknowledged>()).ThroughSeq);
        await Trainer.ExpectMsgAsync<OpenLineageSession>();
        Assert.Equal(1, (await Trainer.ExpectMsgAsync<ApplyBatch>()).BatchNr);
        Assert.Equal(4, (await Ask(lineage)).SamplesAccepted);
    }

    private async Task<IActorRef> Open(int checkpointEvery = 1000)
    {
        var lineage = Start();
        lineage.Tell(Given.Open(checkpointEvery: checkpointEvery), User);
        Assert.Equal(CommandOutcome.Accepted, (await User.ExpectMsgAsync<CommandReply>()).Outcome);
        return lineage;
    }

    private IActorRef Start()
    {
        var (trainer, topics, regions) = (Trainer.Ref, ActorRefs.Nobody, ActorRegistry);
        ActorRegistry.TryRegister<RegistryRegion>(
            Sys.ActorOf(Props.Create(() => new AnyVersion(Given.Artifact(1)))),
            overwrite: true
        );
        return Sys.ActorOf(
            Props.Create(() =>
                new LineageActor(
                    "champion",
                    Options,
                    TimeProvider.System,
                    trainer,
                    topics,
                    regions,
                    _ => Akka.Streams.Dsl.Source.Empty<IEvent>()
                )
            )
        );
    }

    private static (long Accepted, long Learned, long PassedOver, long SetAside) Accounts(LineageReply r) =>
        (r.SamplesAccepted, r.SamplesLearned, r.SamplesPassedOver, r.SamplesSetAside);

    private static (long Nr, int Samples) BatchOf(ApplyBatch m) => (m.BatchNr, m.Samples.Count);

    private static Task<LineageReply> Ask(IActorRef lineage) =>
        lineage.Ask<LineageReply>(new GetLineage { LineageId = "champion" }, Waiting.Patience);
}
