using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Storage;

namespace RalmActors.ClusterHost.Persistence;

/// <summary>A part of a sealed chunk, as a table has it.</summary>
internal sealed record ChunkRow(
    string SourceId,
    int Tier,
    long Nr,
    int Part,
    long ThroughNr,
    long FirstUnixMs,
    long LastUnixMs,
    byte[] Body
)
{
    public static IEnumerable<ChunkRow> Of(string sourceId, int tier, Chunk chunk) =>
        ChunkParts
            .Split(chunk)
            .Select(part => new ChunkRow(
                sourceId,
                tier,
                chunk.Nr,
                part.Part,
                Math.Max(chunk.Nr, chunk.ThroughNr),
                chunk.FirstUnixMs,
                chunk.LastUnixMs,
                part.Body
            ));
}

/// <summary>Parts of chunks, each in the place of one of the same number.</summary>
internal sealed class ChunkWork(IReadOnlyList<ChunkRow> rows) : SqliteWork
{
    private const int PageBytes = 4096;

    /// <summary>As many as they have pages.</summary>
    public override int Rows => 1 + rows.Sum(r => 1 + (r.Body.Length / PageBytes));

    public override long Bytes => rows.Sum(r => (long)r.Body.Length);

    public override void Run(SqliteStatements statements)
    {
        statements.Run(SqlChunkStore.CreateTable("TEXT", "BLOB"));
        foreach (var row in rows)
        {
            statements.Run(
                $"INSERT OR REPLACE INTO {SqlChunkStore.Table} ({SqlChunkStore.Columns}?, ?, ?, ?, ?, ?, ?, ?)",
                row.SourceId,
                row.Tier,
                row.Nr,
                row.Part,
                row.ThroughNr,
                row.FirstUnixMs,
                row.LastUnixMs,
                row.Body
            );
        }
    }
}

/// <summary>Chunks of one source that ended before a time go.</summary>
internal sealed class ChunkDeletion(string sourceId, int tier, long endedBeforeUnixMs, long throughNr) : SqliteWork
{
    public override int Rows => 1;

    public override long Bytes => 0;

    public override void Run(SqliteStatements statements)
    {
        statements.Run(SqlChunkStore.CreateTable("TEXT", "BLOB"));
        statements.Run(
            $"DELETE FROM {SqlChunkStore.Table} WHERE source_id = ? AND tier = ? AND last_unix_ms < ? AND nr <= ?",
            sourceId,
            tier,
            endedBeforeUnixMs,
            throughNr
        );
    }
}
