using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Storage;

/// <summary>
/// Where sealed chunks are for good. All nodes see the same one, for a collector moves from node to node. A chunk is written
/// once; written again, after a crash, it takes its own place.
/// </summary>
public interface IChunkStore
{
    /// <summary>Ends when all of them are durable, or none is.</summary>
    /// <param name="chunks">Numbered.</param>
    Task Write(string sourceId, int tier, IReadOnlyList<Chunk> chunks, CancellationToken ct);

    /// <summary>In the order of their beginning; of each only the columns that are asked for, and perhaps others.</summary>
    IAsyncEnumerable<Chunk> Read(ChunkQuery query, CancellationToken ct);

    /// <summary>The last sealed chunk that has gone into the tier; 0: none has.</summary>
    Task<long> Covered(string sourceId, int tier, CancellationToken ct);

    /// <summary>What chunks of a tier are about, by number.</summary>
    /// <param name="afterNr">Only those with a larger number.</param>
    Task<IReadOnlyList<ChunkSpan>> Spans(string sourceId, int tier, long afterNr, CancellationToken ct);

    /// <summary>Lets go of chunks that ended before a time.</summary>
    /// <param name="throughNr">And not of later ones than this.</param>
    Task Delete(string sourceId, int tier, long endedBeforeUnixMs, long throughNr, CancellationToken ct);
}

/// <param name="Tier">0: what was sealed, every point of it.</param>
/// <param name="Metrics">Indices; null: all.</param>
/// <param name="FromUnixMs">The first time that is meant.</param>
/// <param name="ToUnixMs">The first that is not.</param>
/// <param name="AfterNr">Only chunks with a larger number.</param>
/// <param name="ThroughNr">Only up to this one.</param>
public sealed record ChunkQuery(
    string SourceId,
    int Tier,
    IReadOnlyCollection<int>? Metrics,
    long FromUnixMs,
    long ToUnixMs,
    long AfterNr = 0,
    long ThroughNr = long.MaxValue
);
