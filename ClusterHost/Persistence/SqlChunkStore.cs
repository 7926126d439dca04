using System.Data.Common;
using System.Runtime.CompilerServices;
using MySqlConnector;
using Npgsql;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Storage;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>
/// Sealed chunks in a table of the node's database, beside the journal: a collector that moves to another node finds them, and
/// a backup has them.
/// </summary>
/// <param name="writer">The one writer of a SQLite file; null where the database is a server.</param>
public sealed class SqlChunkStore(SqlDatabase database, SqliteWriter? writer) : IChunkStore, IDisposable
{
    internal const string Table = "monitor_chunk";

    internal const string Columns =
        "source_id, tier, nr, part, through_nr, first_unix_ms, last_unix_ms, body) VALUES (";

    private const string OfOne = "source_id = @source AND tier = @tier";

    // Whoever asks for years must not take the connections of the journal.
    private readonly SemaphoreSlim _connections = new(Math.Max(1, database.MaxConnections / 3));
    private volatile bool _hasTable;

    /// <summary>SQLite has the blob last, so that a row which is not meant is passed over without reading it.</summary>
    internal static string CreateTable(string text, string blob) =>
        $"CREATE TABLE IF NOT EXISTS {Table} (source_id {text} NOT NULL, tier INTEGER NOT NULL, nr BIGINT NOT NULL, "
        + "part INTEGER NOT NULL, through_nr BIGINT NOT NULL, first_unix_ms BIGINT NOT NULL, last_unix_ms BIGINT NOT NULL, "
        + $"body {blob} NOT NULL, PRIMARY KEY (source_id, tier, nr, part))";

    public async Task Write(string sourceId, int tier, IReadOnlyList<Chunk> chunks, CancellationToken ct)
    {
        ChunkRow[] rows = [.. chunks.SelectMany(c => ChunkRow.Of(sourceId, tier, c))];
        if (writer is not null)
        {
            await writer.Add(new ChunkWork(rows)).WaitAsync(ct);
            return;
        }

        await With(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(ct);
                foreach (var row in rows)
                {
                    await using var insert = connection.Command(
                        $"{Insert(connection)}@source, @tier, @nr, @part, @through, @first, @last, @body){Otherwise(connection)}",
                        ("@source", sourceId),
                        ("@tier", tier),
                        ("@nr", row.Nr),
                        ("@part", row.Part),
                        ("@through", row.ThroughNr),
                        ("@first", row.FirstUnixMs),
                        ("@last", row.LastUnixMs),
                        ("@body", row.Body)
                    );
                    insert.Transaction = transaction;
                    await insert.ExecuteNonQueryAsync(ct);
                }

                await transaction.CommitAsync(ct);
            },
            ct
        );
    }

    public IAsyncEnumerable<Chunk> Read(ChunkQuery query, CancellationToken ct) => ChunkParts.Join(Bodies(query, ct));

    public async Task<long> Covered(string sourceId, int tier, CancellationToken ct)
    {
        var covered = 0L;
        await With(
            async connection =>
            {
                await using var select = connection.Command(
                    $"SELECT COALESCE(MAX(through_nr), 0) FROM {Table} WHERE {OfOne}",
                    ("@source", sourceId),
                    ("@tier", tier)
                );
                covered = Convert.ToInt64(await select.ExecuteScalarAsync(ct));
            },
            ct
        );
        return covered;
    }

    public async Task<IReadOnlyList<ChunkSpan>> Spans(string sourceId, int tier, long afterNr, CancellationToken ct)
    {
        var spans = new List<ChunkSpan>();
        await With(
            async connection =>
            {
                await using var select = connection.Command(
                    $"SELECT DISTINCT nr, through_nr, first_unix_ms, last_unix_ms FROM {Table} WHERE {OfOne} AND nr > @after ORDER BY nr",
                    ("@source", sourceId),
                    ("@tier", tier),
                    ("@after", afterNr)
                );
                await using var rows = await select.ExecuteReaderAsync(ct);
                while (await rows.ReadAsync(ct))
                {
                    spans.Add(new ChunkSpan(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)));
                }
            },
            ct
        );
        return spans;
    }

    public async Task Delete(string sourceId, int tier, long endedBeforeUnixMs, long throughNr, CancellationToken ct)
    {
        if (writer is not null)
        {
            await writer.Add(new ChunkDeletion(sourceId, tier, endedBeforeUnixMs, throughNr)).WaitAsync(ct);
            return;
        }

        await With(
            connection =>
                connection.Execute(
                    $"DELETE FROM {Table} WHERE {OfOne} AND last_unix_ms < @before AND nr <= @through",
                    ct,
                    ("@source", sourceId),
                    ("@tier", tier),
                    ("@before", endedBeforeUnixMs),
                    ("@through", throughNr)
                ),
            ct
        );
    }

    public void Dispose() => _connections.Dispose();

    private async IAsyncEnumerable<byte[]> Bodies(ChunkQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var parts = query.Metrics is null
            ? ""
            : $" AND part IN ({string.Join(',', ChunkParts.PartsOf(query.Metrics))})";
        await _connections.WaitAsync(ct);
        try
        {
            await using var connection = await Open(ct);
            await using var select = connection.Command(
                $"SELECT body FROM {Table} WHERE {OfOne} AND nr > @after AND nr <= @through AND last_unix_ms >= @from "
                    + $"AND first_unix_ms < @to{parts} ORDER BY first_unix_ms, nr, part",
                ("@source", query.SourceId),
                ("@tier", query.Tier),
                ("@after", query.AfterNr),
                ("@through", query.ThroughNr),
                ("@from", query.FromUnixMs),
                ("@to", query.ToUnixMs)
            );
            await using var rows = await select.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                yield return rows.GetFieldValue<byte[]>(0);
            }
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task With(Func<DbConnection, Task> work, CancellationToken ct)
    {
        await _connections.WaitAsync(ct);
        try
        {
            await using var connection = await Open(ct);
            await work(connection);
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task<DbConnection> Open(CancellationToken ct)
    {
        var connection = database.Connect();
        try
        {
            await connection.OpenAsync(ct);
            if (!_hasTable)
            {
                await CreateTable(connection, ct);
                _hasTable = true;
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CreateTable(DbConnection connection, CancellationToken ct)
    {
        switch (connection)
        {
            case NpgsqlConnection:
                await connection.Execute(TablesInTurn.Turn + CreateTable("VARCHAR(255)", "BYTEA"), ct);
                break;
            case MySqlConnection:
                await connection.Execute(CreateTable("VARBINARY(255)", "LONGBLOB"), ct);
                break;
            default:
                await writer!.Add(new ChunkWork([])).WaitAsync(ct);
                break;
        }
    }

    private static string Insert(DbConnection connection) =>
        $"{(connection is MySqlConnection ? "REPLACE" : "INSERT")} INTO {Table} ({Columns}";

    private static string Otherwise(DbConnection connection) =>
        connection is MySqlConnection
            ? ""
            : " ON CONFLICT (source_id, tier, nr, part) DO UPDATE SET through_nr = excluded.through_nr, "
                + "first_unix_ms = excluded.first_unix_ms, last_unix_ms = excluded.last_unix_ms, body = excluded.body";
}
