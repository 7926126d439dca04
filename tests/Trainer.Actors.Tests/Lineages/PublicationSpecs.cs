using Akka.Actor;
using Akka.Hosting;
using Akka.Hosting.TestKit;
using Akka.TestKit;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;
using RalmActors.Messages.Training;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Lineages;

/// <summary>Whoever serves a lineage's weights hears of each change; the spec plays the trainer.</summary>
public sealed class PublicationSpecs : PersistenceTestKit
{
    private TestProbe Trainer => field ??= CreateTestProbe();

    private TestProbe User => field ??= CreateTestProbe();

    private TestProbe Scorer => field ??= CreateTestProbe();

    [Fact]
    public async Task A_follower_is_told_the_weights_after_each_batch_in_pieces_and_their_age_is_measured()
    {
        var (lineage, session) = await Open(publishEveryMs: 0);
        lineage.Tell(new FollowWeights { LineageId = "champion" }, Scorer);
        await Learn(lineage, session, 1);

        await Read(lineage, session, 1, new float[20_000]);

        var pieces = new[] { await Piece(), await Piece() };
        Assert.Equal([(0, 65_536), (16_384, 14_464)], pieces.Select(p => (p.Offset, p.Values.Length)));
        Assert.All(pieces, p => Assert.Equal((1L, 20_000, 5), (p.BatchNr, p.Length, p.From)));
        await Learn(lineage, session, 2);
        await Read(lineage, session, 2, [1]);
        Assert.Equal(2, (await Piece()).BatchNr);
        var reply = await Ask(lineage);
        Assert.InRange(reply.PublishedAfterP95Ms, reply.PublishedAfterP50Ms, 60_000);
    }

    [Fact]
    public async Task Within_the_pause_batches_are_published_together()
    {
        var (lineage, session) = await Open(publishEveryMs: 60_000);
        await Learn(lineage, session, 1);
        lineage.Tell(new FollowWeights { LineageId = "champion" }, Scorer);
        await Read(lineage, session, 1, [1]);
        Assert.Equal(1, (await Piece()).BatchNr);

        await Learn(lineage, session, 2);
        // What is asked of the trainer next is not the weights.
        await Learn(lineage, session, 3);
    }

    [Fact]
    public async Task Who_has_the_newest_weights_is_told_nothing_and_who_asks_with_older_ones_is()
    {
        var (lineage, session) = await Open(publishEveryMs: 60_000);
        await Learn(lineage, session, 1);

        lineage.Tell(new FollowWeights { LineageId = "champion", KnownBatchNr = 1 }, Scorer);
        lineage.Tell(new FollowWeights { LineageId = "champion", KnownBatchNr = 0 }, User);
        await Read(lineage, session, 1, [1]);

        Assert.Equal(1, (await User.ExpectMsgAsync<PublishedWeights>(Waiting.Patience)).BatchNr);
        Assert.False(Scorer.HasMessages);
    }

    [Fact]
    public async Task After_a_rollback_the_weights_are_told_though_no_batch_is_newer()
    {
        var (lineage, session) = await Open(publishEveryMs: 0);
        await Learn(lineage, session, 1);
        lineage.Tell(
            new RollBackLineage
            {
                Header = new CommandHeader { CommandId = "back" },
                LineageId = "champion",
                BatchNr = 0,
            },
            User
        );
        Assert.Equal(CommandOutcome.Accepted, (await User.ExpectMsgAsync<CommandReply>(Waiting.Patience)).Outcome);
        await Trainer.ExpectMsgAsync<CloseLineageSession>(Waiting.Patience);
        var again = await Trainer.ExpectMsgAsync<OpenLineageSession>(Waiting.Patience);
        Assert.Equal((Given.Artifact(1), 1L), (again.Artifact, again.BatchNr));

        lineage.Tell(new FollowWeights { LineageId = "champion", KnownBatchNr = 1 }, Scorer);
        await Read(lineage, again.SessionId, 1, [1]);

        var piece = await Piece();
        Assert.Equal((1L, 1L), (piece.BatchNr, piece.Rollbacks));
    }

    [Fact]
    public async Task A_lineage_that_is_paused_takes_no_batch_and_goes_on_where_it_was()
    {
        var (lineage, session) = await Open(publishEveryMs: 0);
        Tune("pause", paused: true);
        lineage.Tell(Given.Offer("u-1", 1, 4), User);
        Assert.Equal(0, (await Ask(lineage)).BatchesAccepted);

        await Trainer.ExpectMsgAsync<ChangeLearning>(Waiting.Patience);
        Tune("go-on", paused: false);

        await Trainer.ExpectMsgAsync<ChangeLearning>(Waiting.Patience);
        var batch = await Trainer.ExpectMsgAsync<ApplyBatch>(Waiting.Patience);
        Assert.Equal((1L, 4, session), (batch.BatchNr, batch.Samples.Count, batch.SessionId));
        Assert.Equal(3, (await Ask(lineage)).SettingsVersion);

        void Tune(string id, bool paused) =>
            lineage.Tell(
                new TuneLineage
                {
                    Header = new CommandHeader { CommandId = id },
                    LineageId = "champion",
                    Paused = paused,
                },
                User
            );
    }

    [Fact]
    public async Task However_slowly_batches_come_a_checkpoint_is_made_in_time()
    {
        var (lineage, session) = await Open(publishEveryMs: 0, checkpointSeconds: 1);
        await Learn(lineage, session, 1);

        await Trainer.ExpectMsgAsync<WriteLineageCheckpoint>(Waiting.Patience);
    }

    private async Task<(IActorRef Lineage, string Session)> Open(int publishEveryMs, int checkpointSeconds = 86_400)
    {
        var (trainer, regions) = (Trainer.Ref, ActorRegistry);
        ActorRegistry.TryRegister<RegistryRegion>(
            Sys.ActorOf(Props.Create(() => new AnyVersion(Given.Artifact(1)))),
            overwrite: true
        );
        var lineage = Sys.ActorOf(
            Props.Create(() =>
                new LineageActor(
                    "champion",
                    new LineageOptions(),
                    TimeProvider.System,
                    trainer,
                    ActorRefs.Nobody,
                    regions,
                    _ => Akka.Streams.Dsl.Source.Empty<IEvent>()
                )
            )
        );
        var open = Given.Open(checkpointEvery: 1_000);
        (open.PublishEveryMs, open.CheckpointSeconds) = (publishEveryMs, checkpointSeconds);
        lineage.Tell(open, User);
        Assert.Equal(CommandOutcome.Accepted, (await User.ExpectMsgAsync<CommandReply>(Waiting.Patience)).Outcome);
        var session = (await Trainer.ExpectMsgAsync<OpenLineageSession>(Waiting.Patience)).SessionId;
        lineage.Tell(new LineageSessionOpened("champion", session), Trainer);
        return (lineage, session);
    }

    /// <summary>A batch of four is offered, journaled and learned.</summary>
    private async Task Learn(IActorRef lineage, string session, int nr)
    {
        var offer = Given.Offer($"u-{nr}", 1, 4);
        foreach (var sample in offer.Samples)
        {
            sample.Sample.OccurredAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        }

        lineage.Tell(offer, User);
        Assert.Equal(nr, (await Trainer.ExpectMsgAsync<ApplyBatch>(Waiting.Patience)).BatchNr);
        await User.ExpectMsgAsync<DeliveryAcknowledged>(Waiting.Patience);
        lineage.Tell(new BatchApplied("champion", session, nr, 0.7, 4, 0), Trainer);
        await Ask(lineage);
    }

    private async Task Read(IActorRef lineage, string session, long batchNr, float[] values)
    {
        await Trainer.ExpectMsgAsync<ReadWeights>(Waiting.Patience);
        lineage.Tell(new WeightsRead("champion", session, batchNr, 5, values), Trainer);
    }

    private ValueTask<PublishedWeights> Piece() => Scorer.ExpectMsgAsync<PublishedWeights>(Waiting.Patience);

    private static Task<LineageReply> Ask(IActorRef lineage) =>
        lineage.Ask<LineageReply>(new GetLineage { LineageId = "champion" }, Waiting.Patience);
}
