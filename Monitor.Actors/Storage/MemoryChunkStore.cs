using System.Collections.Concurrent;
using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Storage;

/// <summary>Keeps chunks as long as the process lives: where journals are kept no longer either.</summary>
public sealed class MemoryChunkStore : IChunkStore
{
    private readonly ConcurrentDictionary<(string SourceId, int Tier, long Nr, int Part), byte[]> _rows = new();

    public Task Write(string sourceId, int tier, IReadOnlyList<Chunk> chunks, CancellationToken ct)
    {
        foreach (var chunk in chunks)
        {
            foreach (var (part, body) in ChunkParts.Split(chunk))
            {
                _rows[(sourceId, tier, chunk.Nr, part)] = body;
            }
        }

        return Task.CompletedTask;
    }

    public IAsyncEnumerable<Chunk> Read(ChunkQuery query, CancellationToken ct)
    {
        var parts = query.Metrics is null ? null : ChunkParts.PartsOf(query.Metrics);
        return ChunkParts.Join(
            Of(query.SourceId, query.Tier)
                .Where(r => parts?.Contains(r.Part) ?? true)
                .Where(r => r.Chunk.Nr > query.AfterNr && r.Chunk.Nr <= query.ThroughNr)
                .Where(r => r.Chunk.LastUnixMs >= query.FromUnixMs && r.Chunk.FirstUnixMs < query.ToUnixMs)
                .OrderBy(r => (r.Chunk.FirstUnixMs, r.Chunk.Nr, r.Part))
                .Select(r => r.Body)
                .ToAsyncEnumerable()
        );
    }

    public Task<long> Covered(string sourceId, int tier, CancellationToken ct) =>
        Task.FromResult(Of(sourceId, tier).Select(r => Math.Max(r.Chunk.Nr, r.Chunk.ThroughNr)).DefaultIfEmpty().Max());

    public Task<IReadOnlyList<ChunkSpan>> Spans(string sourceId, int tier, long afterNr, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<ChunkSpan>>([
            .. Of(sourceId, tier)
                .Select(r => r.Chunk)
                .Where(c => c.Nr > afterNr)
                .DistinctBy(c => c.Nr)
                .OrderBy(c => c.Nr)
                .Select(c => new ChunkSpan(c.Nr, Math.Max(c.Nr, c.ThroughNr), c.FirstUnixMs, c.LastUnixMs)),
        ]);

    public Task Delete(string sourceId, int tier, long endedBeforeUnixMs, long throughNr, CancellationToken ct)
    {
        foreach (var row in Of(sourceId, tier))
        {
            if (row.Chunk.LastUnixMs < endedBeforeUnixMs && row.Chunk.Nr <= throughNr)
            {
                _rows.TryRemove((sourceId, tier, row.Chunk.Nr, row.Part), out _);
            }
        }

        return Task.CompletedTask;
    }

    private IEnumerable<(int Part, Chunk Chunk, byte[] Body)> Of(string sourceId, int tier) =>
        _rows
            .Where(r => r.Key.SourceId == sourceId && r.Key.Tier == tier)
            .Select(r => (r.Key.Part, Chunk.Parser.ParseFrom(r.Value), r.Value))
            .ToArray();
}
