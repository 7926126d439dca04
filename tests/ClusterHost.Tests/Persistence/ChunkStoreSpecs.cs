using Google.Protobuf;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Storage;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Persistence;

public sealed class MemoryChunkStoreSpecs : ChunkStoreContract
{
    protected override Task<IChunkStore> NewStore() => Task.FromResult<IChunkStore>(new MemoryChunkStore());
}

public sealed class SqliteChunkStoreSpecs : ChunkStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-chunks-").FullName;
    private SqliteWriter? _writer;

    public void Dispose()
    {
        _writer?.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    protected override async Task<IChunkStore> NewStore()
    {
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(Path.Combine(_folder, "ralm.db")));
        await database.Prepare(TestContext.Current.CancellationToken);
        _writer = new SqliteWriter(database);
        return new SqlChunkStore(database, _writer);
    }
}

public sealed class PostgresChunkStoreSpecs(PostgresServer postgres) : ChunkStoreContract
{
    protected override async Task<IChunkStore> NewStore() =>
        new SqlChunkStore(
            SqlDatabase.Of(
                PersistenceSettings.OnSqlite("unused") with
                {
                    Provider = PersistenceSettings.Postgres,
                    ConnectionString = await postgres.NewDatabase(),
                }
            ),
            writer: null
        );
}

/// <summary>What collectors expect of any store of chunks.</summary>
public abstract class ChunkStoreContract
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chunk_comes_back_whole_however_many_metrics_it_has()
    {
        var store = await NewStore();
        var chunk = Chunk(1, 100, 200, metrics: 150);
        await store.Write("node:a", 0, [chunk], Ct);

        Assert.Equal([chunk], await Read(store, new ChunkQuery("node:a", 0, null, 0, 1000)));
    }

    [Fact]
    public async Task Only_the_parts_that_are_asked_for_are_read()
    {
        var store = await NewStore();
        await store.Write("node:a", 0, [Chunk(1, 100, 200, metrics: 150)], Ct);

        var read = Assert.Single(await Read(store, new ChunkQuery("node:a", 0, [70], 0, 1000)));

        Assert.Equal(Enumerable.Range(64, 64).Select(i => (uint)i), read.Columns.Select(c => c.Metric));
    }

    [Fact]
    public async Task Written_again_a_chunk_is_there_once()
    {
        var store = await NewStore();
        await store.Write("node:a", 0, [Chunk(1, 100, 200)], Ct);
        await store.Write("node:a", 0, [Chunk(1, 100, 200), Chunk(2, 300, 400)], Ct);

        Assert.Equal([1L, 2], (await Read(store, new ChunkQuery("node:a", 0, null, 0, 1000))).Select(c => c.Nr));
    }

    [Fact]
    public async Task A_range_has_the_chunks_that_touch_it_in_the_order_of_their_beginning()
    {
        var store = await NewStore();
        await store.Write(
            "node:a",
            0,
            [Chunk(1, 100, 200), Chunk(2, 900, 950), Chunk(3, 300, 400), Chunk(4, 400, 500)],
            Ct
        );
        await store.Write("node:b", 0, [Chunk(1, 100, 200)], Ct);
        await store.Write("node:a", 1, [Chunk(1, 100, 400)], Ct);

        Assert.Equal(
            [1L, 3, 4, 2],
            (await Read(store, new ChunkQuery("node:a", 0, null, long.MinValue, long.MaxValue))).Select(c => c.Nr)
        );
        Assert.Equal([3L], (await Read(store, new ChunkQuery("node:a", 0, null, 201, 400))).Select(c => c.Nr));
        Assert.Equal(
            [3L],
            (await Read(store, new ChunkQuery("node:a", 0, null, 0, 1000, AfterNr: 2, ThroughNr: 3))).Select(c => c.Nr)
        );
    }

    [Fact]
    public async Task What_has_ended_before_a_time_goes_but_not_what_is_still_needed()
    {
        var store = await NewStore();
        await store.Write("node:a", 0, [Chunk(1, 100, 200), Chunk(2, 300, 400), Chunk(3, 500, 600)], Ct);
        await store.Delete("node:a", 0, endedBeforeUnixMs: 401, throughNr: 1, Ct);

        Assert.Equal([2L, 3], (await Read(store, new ChunkQuery("node:a", 0, null, 0, 1000))).Select(c => c.Nr));
    }

    [Fact]
    public async Task What_a_tier_covers_is_known()
    {
        var store = await NewStore();
        Assert.Equal(0, await store.Covered("node:a", 1, Ct));
        await store.Write("node:a", 1, [Chunk(1, 100, 200), Chunk(11, 300, 400)], Ct);

        Assert.Equal(11, await store.Covered("node:a", 1, Ct));
        Assert.Equal(0, await store.Covered("node:b", 1, Ct));
    }

    protected abstract Task<IChunkStore> NewStore();

    private static async Task<List<Chunk>> Read(IChunkStore store, ChunkQuery query)
    {
        var chunks = new List<Chunk>();
        await foreach (var chunk in store.Read(query, Ct))
        {
            chunks.Add(chunk);
        }

        return chunks;
    }

    private static Chunk Chunk(long nr, long first, long last, int metrics = 3) =>
        new()
        {
            Nr = nr,
            ThroughNr = nr,
            FirstUnixMs = first,
            LastUnixMs = last,
            Count = 2,
            Times = ByteString.CopyFrom(1, 2, 3),
            Columns =
            {
                Enumerable
                    .Range(0, metrics)
                    .Select(m => new Column { Metric = (uint)m, Values = ByteString.CopyFrom((byte)m, 7) }),
            },
        };
}
