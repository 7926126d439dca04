using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.TestKit;
using Google.Protobuf;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using Xunit;

namespace RalmActors.Messages.Tests.Entities;

public class EntityActorSnapshotSpecs : ShelfTestKit
{
    [Fact]
    public async Task A_snapshot_is_taken_every_so_many_events()
    {
        var shelf = Shelf(new EntityOptions { SnapshotEvery = 3 });

        await RegisterMany(shelf, 1, 2);
        Assert.Null(await NewestSnapshot());
        await RegisterMany(shelf, 3, 5);

        await AwaitSnapshotAt(3);
    }

    [Fact]
    public async Task A_snapshot_is_taken_when_enough_bytes_were_journaled()
    {
        var shelf = Shelf(new EntityOptions { SnapshotBytes = 10_000 });

        await Register(shelf, "v-1", "c-1", padding: 4_000);
        await Register(shelf, "v-2", "c-2", padding: 4_000);
        Assert.Null(await NewestSnapshot());
        await Register(shelf, "v-3", "c-3", padding: 4_000);

        await AwaitSnapshotAt(3);
    }

    [Fact]
    public async Task Bytes_replayed_count_towards_the_next_snapshot()
    {
        var options = new EntityOptions { SnapshotBytes = 10_000 };
        var shelf = Shelf(options);
        await Register(shelf, "v-1", "c-1", padding: 4_000);
        await Register(shelf, "v-2", "c-2", padding: 4_000);

        shelf = await Restarted(shelf, options);
        await Register(shelf, "v-3", "c-3", padding: 4_000);

        await AwaitSnapshotAt(3);
    }

    [Fact]
    public async Task Recovery_from_snapshot_and_events_equals_a_full_replay()
    {
        var options = new EntityOptions { SnapshotEvery = 4 };
        var shelf = Shelf(options);
        await RegisterMany(shelf, 1, 6);
        await Ask(shelf, Say.SetStage(Family, "v-2", Stage.Champion, "c-stage"));
        await AwaitSnapshotAt(4);

        shelf = await Restarted(shelf, options);
        var fromSnapshot = await State(shelf);
        var replayed = (await Journaled()).Aggregate(ShelfState.Empty(Family), (s, e) => s.Apply(e));

        Assert.Equal(replayed.Answer(new GetRegistry()), fromSnapshot);
        for (var i = 1; i <= 6; i++)
        {
            Assert.Equal(CommandOutcome.Duplicate, (await Register(shelf, $"v-{i}", $"c-{i}")).Outcome);
        }
    }

    [Fact]
    public async Task Recovery_does_start_at_the_snapshot()
    {
        var options = new EntityOptions { SnapshotEvery = 4 };
        var shelf = Shelf(options);
        await RegisterMany(shelf, 1, 4);
        await AwaitSnapshotAt(4);
        await Journal.OnRecovery.FailIf(e => e.SequenceNr <= 4);

        shelf = await Restarted(shelf, options);

        Assert.Equal(4, (await State(shelf)).Versions.Count);
    }

    [Fact]
    public async Task A_snapshot_of_another_version_is_dropped_and_the_journal_replayed()
    {
        var shelf = Shelf();
        await RegisterMany(shelf, 1, 3);
        var before = await State(shelf);
        await shelf.GracefulStop(Patience, StopEntity.Instance);
        await Plant(2, new EntitySnapshot { StateManifest = "ralm.training.v1.RegistrySnapshot", StateVersion = 99 });

        Assert.Equal(before, await State(Shelf()));

        Assert.Null(await NewestSnapshot());
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_is_dropped_and_the_journal_replayed()
    {
        var shelf = Shelf();
        await RegisterMany(shelf, 1, 3);
        var before = await State(shelf);
        await shelf.GracefulStop(Patience, StopEntity.Instance);
        await Plant(
            2,
            new EntitySnapshot
            {
                StateManifest = "ralm.training.v1.FormOfAnEarlierRelease",
                StateVersion = 1,
                State = ByteString.CopyFrom(1, 2, 3),
            }
        );

        Assert.Equal(before, await State(Shelf()));
    }

    [Fact]
    public async Task A_snapshot_store_that_fails_harms_nobody()
    {
        var shelf = Shelf(new EntityOptions { SnapshotEvery = 2 });
        await Snapshots.OnSave.Fail();
        await RegisterMany(shelf, 1, 5);
        Assert.Null(await NewestSnapshot());

        await Snapshots.OnSave.Pass();
        await RegisterMany(shelf, 6, 7);

        Assert.Equal(7, (await State(shelf)).Versions.Count);
        await AwaitSnapshotAt(6);
    }

    private static async Task RegisterMany(IActorRef shelf, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            Assert.Equal(CommandOutcome.Accepted, (await Register(shelf, $"v-{i}", $"c-{i}")).Outcome);
        }
    }

    private Task AwaitSnapshotAt(long sequenceNr) =>
        AwaitAssertAsync(async () => Assert.Equal(sequenceNr, (await NewestSnapshot())?.Metadata.SequenceNr), Patience);

    private async Task Plant(long sequenceNr, EntitySnapshot snapshot)
    {
        var store = Persistence.Instance.Apply(Sys).SnapshotStoreFor(string.Empty);
        await store.Ask<SaveSnapshotSuccess>(
            new SaveSnapshot(new SnapshotMetadata(PersistenceId, sequenceNr, Say.T0.UtcDateTime), snapshot),
            Patience
        );
    }
}
