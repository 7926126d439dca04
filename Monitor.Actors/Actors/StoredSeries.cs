using System.Collections.Immutable;
using Akka.Actor;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Reading;
using RalmActors.Monitoring.Storage;

namespace RalmActors.Monitoring.Actors;

/// <summary>What a collector does with its store of chunks, beside its own turn.</summary>
internal sealed class StoredSeries(string sourceId, IChunkStore store)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The store has the chunks up to this one.</summary>
    public sealed record Written(long ThroughNr) : INoSerializationVerificationNeeded;

    public sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;

    /// <returns><see cref="Written"/> or <see cref="Failed"/>.</returns>
    public async Task<object> Write(ImmutableArray<Chunk> chunks)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await store.Write(sourceId, tier: 0, chunks, patience.Token).ConfigureAwait(false);
            return new Written(chunks[^1].Nr);
        }
        catch (Exception e)
        {
            return new Failed(e);
        }
    }

    /// <summary>Reads what the store has, as far as the answer has room.</summary>
    public async Task<IWireMessage> Answer(SeriesReading reading)
    {
        if (reading.StoredThroughNr > 0)
        {
            using var patience = new CancellationTokenSource(Patience);
            var query = new ChunkQuery(sourceId, Tier: 0, reading.Metrics, reading.FromUnixMs, reading.ToUnixMs)
            {
                ThroughNr = reading.StoredThroughNr,
            };
            await foreach (var chunk in store.Read(query, patience.Token).ConfigureAwait(false))
            {
                reading.Take(chunk);
                if (reading.IsFull)
                {
                    break;
                }
            }
        }

        return reading.End();
    }
}
