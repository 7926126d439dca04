using Akka.Actor;
using Microsoft.Data.Sqlite;
using RalmActors.ClusterHost.Persistence;
using RalmActors.ClusterHost.Settings;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Actors;
using RalmActors.Monitoring.Notifying;
using RalmActors.TestSupport;

namespace RalmActors.Benchmarks.Support;

/// <summary>A collector as a node has it: its journal, its chunks and its notifier on SQLite files.</summary>
public sealed class SourceNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ralm-bench-").FullName;
    private readonly SqliteJournal _journal = new();
    private TestHost _host = null!;
    private SqliteWriter _writer = null!;

    public ActorSystem System => _host.System;

    public SqlChunkStore Chunks { get; private set; } = null!;

    /// <summary>Of the chunks alone, with everything beside them that their table needs.</summary>
    public long ChunkBytes
    {
        get
        {
            using var connection = new SqliteConnection($"Data Source={ChunkFile}");
            connection.Open();
            SqliteJournal.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return new FileInfo(ChunkFile).Length;
        }
    }

    private string ChunkFile => Path.Combine(_folder, "chunks.db");

    public static async Task<SourceNode> Start(CancellationToken ct)
    {
        var node = new SourceNode();
        var database = SqlDatabase.Of(PersistenceSettings.OnSqlite(node.ChunkFile));
        await database.Prepare(ct);
        node._writer = new SqliteWriter(database);
        node.Chunks = new SqlChunkStore(database, node._writer);
        node._host = await BenchNode.Start(node._journal.Configure, ct);
        return node;
    }

    public IActorRef Collector(string source, TimeProvider? clock = null)
    {
        var notifier = System.ActorOf(Props.Create(() => new NotifierActor(Array.Empty<INotifyChannel>)));
        Func<Type, ICanTell?> way = _ => notifier;
        var (options, time) = (new CollectorOptions(), clock ?? TimeProvider.System);
        return System.ActorOf(Props.Create(() => new CollectorActor(source, options, Chunks, time, way)));
    }

    public static async Task Tell(
        IActorRef collector,
        string source,
        DateTimeOffset at,
        IEnumerable<MetricPoint> points,
        CancellationToken ct
    )
    {
        var reply = await collector.Ask<CommandReply>(
            new RecordMetrics
            {
                Header = new CommandHeader { CommandId = $"{source}/{at.ToUnixTimeMilliseconds()}" },
                SourceId = source,
                At = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at),
                Points = { points },
            },
            ct
        );
        if (reply.Outcome != CommandOutcome.Accepted)
        {
            throw new InvalidOperationException($"a sampling is answered {reply}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _writer.Dispose();
        Chunks.Dispose();
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
