using Akka.Actor;
using Npgsql;
using RalmActors.Benchmarks.Support;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>Batches of events through region, shell and SQL journal, against the same rows by the driver alone.</summary>
public sealed class E3DurablePostgres : IComparison, IAsyncDisposable
{
    private const int Batches = 400;
    private const int PerBatch = 100;
    private const int Writers = 8;

    private readonly PostgresServer _server = new() { Durable = true };
    private TestHost? _node;
    private NpgsqlDataSource? _raw;
    private IActorRef _region = ActorRefs.Nobody;
    private int _round;

    public string Id => "E3";
    public string Unit => "events";
    public string Product => "100 events a command, in one row, 8 entities, PostgreSQL, fsync on";
    public string Peer => "multi-row inserts of 100 a transaction, 8 connections, same server";
    public double Must => 0.25;
    public double Stretch => 0.6;

    public async Task SetUp(CancellationToken ct)
    {
        var journal = await _server.NewDatabase();
        _node = await BenchNode.Start(
            akka => akka.AddProductPersistence(new PersistenceSettings(PersistenceSettings.Postgres, journal)),
            ct
        );
        _region = _node.Registry.Get<RegistryRegion>();
        _raw = NpgsqlDataSource.Create(await _server.NewDatabase());
        await using var create = _raw.CreateCommand(
            "CREATE TABLE journal(ordering BIGSERIAL PRIMARY KEY, created BIGINT, persistence_id VARCHAR(255), "
                + "sequence_number BIGINT, message BYTEA, manifest VARCHAR(500), identifier INT, "
                + "UNIQUE(persistence_id, sequence_number))"
        );
        await create.ExecuteNonQueryAsync(ct);
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        await InFlight.Run(
            Batches,
            Writers,
            i => _region.Ask<CommandReply>(CountingActor.Command($"e{i % Writers}", $"{round}-{i}", PerBatch), ct)
        );
        return Batches * PerBatch;
    }

    public async Task<long> RunPeer(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        await InFlight.Run(Batches, Writers, batch => Insert(round, batch, ct));
        return Batches * PerBatch;
    }

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        await _raw!.DisposeAsync();
        await DisposeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task Insert(int round, int batch, CancellationToken ct)
    {
        await using var insert = _raw!.CreateCommand(
            "INSERT INTO journal(created, persistence_id, sequence_number, message, manifest, identifier) "
                + "SELECT 1700000000000, $1, $2 + g, $3, 'ralm.training.v1.VersionRegistered', 4200 "
                + "FROM generate_series(1, 100) g"
        );
        insert.Parameters.AddWithValue($"e{batch % Writers}");
        insert.Parameters.AddWithValue((long)round * 1_000_000 + batch * PerBatch);
        insert.Parameters.AddWithValue(new byte[200]);
        await insert.ExecuteNonQueryAsync(ct);
    }
}
