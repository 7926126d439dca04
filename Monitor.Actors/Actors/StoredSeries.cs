using System.Collections.Immutable;
using Akka.Actor;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Reading;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Storage;

namespace RalmActors.Monitoring.Actors;

/// <summary>What a collector does with its store of chunks, beside its own turn.</summary>
internal sealed class StoredSeries(string sourceId, IChunkStore store, CollectorOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepPatience = TimeSpan.FromMinutes(10);

    private readonly ChunkKeeper _keeper = new(sourceId, store, options);

    /// <summary>The store has the chunks up to this one.</summary>
    public sealed record Written(long ThroughNr) : INoSerializationVerificationNeeded;

    public sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;

    /// <summary>Tiers are made, and what is over is gone.</summary>
    public sealed record Kept(Exception? Failure) : INoSerializationVerificationNeeded;

    /// <returns><see cref="Kept"/>.</returns>
    public async Task<object> Keep(SeriesStore series, DateTimeOffset now)
    {
        using var patience = new CancellationTokenSource(KeepPatience);
        try
        {
            await _keeper.Keep(series, now, patience.Token).ConfigureAwait(false);
            return new Kept(null);
        }
        catch (Exception e)
        {
            return new Kept(e);
        }
    }

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

    /// <summary>Reads what the store has, as far as the answer has room: the tier that the answer wants, and what has not gone into it yet.</summary>
    public async Task<IWireMessage> Answer(SeriesReading reading)
    {
        if (reading.Earlier is { } earlier)
        {
            await ReadStored(earlier).ConfigureAwait(false);
        }

        await ReadStored(reading).ConfigureAwait(false);
        return reading.End();
    }

    private async Task ReadStored(SeriesReading reading)
    {
        if (reading.StoredThroughNr > 0)
        {
            using var patience = new CancellationTokenSource(Patience);
            var after = 0L;
            for (var tier = reading.Tier.Nr; tier >= 0 && !reading.IsFull; tier--)
            {
                var covered =
                    tier == 0
                        ? reading.StoredThroughNr
                        : await store.Covered(sourceId, tier, patience.Token).ConfigureAwait(false);
                await Read(reading, tier, after, covered, patience.Token).ConfigureAwait(false);
                after = Math.Max(after, covered);
            }
        }
    }

    private async Task Read(SeriesReading reading, int tier, long after, long through, CancellationToken ct)
    {
        var query = new ChunkQuery(sourceId, tier, reading.Metrics, reading.FromUnixMs, reading.ToUnixMs)
        {
            AfterNr = after,
            ThroughNr = through,
        };
        await foreach (var chunk in store.Read(query, ct).ConfigureAwait(false))
        {
            if (tier == 0)
            {
                reading.Take(chunk);
            }
            else
            {
                reading.TakeSteps(chunk);
            }

            if (reading.IsFull)
            {
                return;
            }
        }
    }
}
