using Akka.Actor;
using Microsoft.Data.Sqlite;
using RalmActors.Benchmarks.Support;
using RalmActors.Messages.Cluster;
using RalmActors.Messages.Entities;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Rows;

/// <summary>Batches of events through region, shell and SQL journal, against the same rows written by hand.</summary>
public sealed class E2DurableSqlite : IComparison, IDisposable
{
    private const int Batches = 400;
    private const int PerBatch = 100;

    private readonly SqliteJournal _journal = new();
    private readonly SqliteJournal _raw = new();
    private TestHost? _node;
    private IActorRef _region = ActorRefs.Nobody;
    private int _round;

    public string Id => "E2";
    public string Unit => "events";
    public string Product => "100 events a command, in one row, 8 entities, SQLite WAL synchronous=FULL";
    public string Peer => "raw inserts of 100 a transaction, same settings";
    public double Must => 0.25;
    public double Stretch => 0.6;

    public async Task SetUp(CancellationToken ct)
    {
        _node = await BenchNode.Start(_journal.Configure, ct);
        _region = _node.Registry.Get<RegistryRegion>();
        using var connection = _raw.Open();
        SqliteJournal.Execute(
            connection,
            "CREATE TABLE journal(ordering INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER, persistence_id TEXT, "
                + "sequence_number INTEGER, message BLOB, manifest TEXT, identifier INTEGER, "
                + "UNIQUE(persistence_id, sequence_number))"
        );
    }

    public async Task<long> RunProduct(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        await InFlight.Run(
            Batches,
            8,
            i => _region.Ask<CommandReply>(CountingActor.Command($"e{i % 8}", $"{round}-{i}", PerBatch), ct)
        );
        return Batches * PerBatch;
    }

    public Task<long> RunPeer(CancellationToken ct)
    {
        var round = Interlocked.Increment(ref _round);
        var payload = new byte[200];
        using var connection = _raw.Open();
        for (var batch = 0; batch < Batches; batch++)
        {
            using var transaction = connection.BeginTransaction();
            using var insert = Insert(connection, transaction, payload);
            for (var i = 0; i < PerBatch; i++)
            {
                insert.Parameters["$id"].Value = $"e{batch % 8}";
                insert.Parameters["$nr"].Value = (long)round * 1_000_000 + batch * PerBatch + i;
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return Task.FromResult((long)Batches * PerBatch);
    }

    public async Task TearDown()
    {
        await _node!.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        _journal.Dispose();
        _raw.Dispose();
    }

    private static SqliteCommand Insert(SqliteConnection connection, SqliteTransaction transaction, byte[] payload)
    {
        var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText =
            "INSERT INTO journal(created, persistence_id, sequence_number, message, manifest, identifier) "
            + "VALUES(1700000000000, $id, $nr, $message, 'ralm.training.v1.VersionRegistered', 4200)";
        insert.Parameters.AddWithValue("$id", "");
        insert.Parameters.AddWithValue("$nr", 0L);
        insert.Parameters.AddWithValue("$message", payload);
        return insert;
    }
}
