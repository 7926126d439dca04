using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;
using RalmActors.Monitoring.Storage;

namespace RalmActors.Monitoring.Actors;

/// <summary>
/// Makes the coarser tiers of what a source has stored, and lets go of what is over. The store itself says how far each tier
/// has come, so that it may end at any moment.
/// </summary>
internal sealed class ChunkKeeper(string sourceId, IChunkStore store, CollectorOptions options)
{
    /// <param name="series">Knows the metrics of the source.</param>
    public async Task Keep(SeriesStore series, DateTimeOffset now, CancellationToken ct)
    {
        var covered = new long[Tier.All.Length];
        foreach (var tier in Tier.All.Skip(1))
        {
            covered[tier.Nr] = await RollUp(series, tier, ct).ConfigureAwait(false);
        }

        foreach (var tier in Tier.All)
        {
            // What has not gone into the next one stays.
            var through = tier.Nr < Tier.All.Length - 1 ? covered[tier.Nr + 1] : long.MaxValue;
            var before = (now - options.KeepOf(tier)).ToUnixTimeMilliseconds();
            await store.Delete(sourceId, tier.Nr, before, through, ct).ConfigureAwait(false);
        }
    }

    /// <returns>The last sealed chunk that has gone into the tier.</returns>
    private async Task<long> RollUp(SeriesStore series, Tier tier, CancellationToken ct)
    {
        var covered = await store.Covered(sourceId, tier.Nr, ct).ConfigureAwait(false);
        while (true)
        {
            var finer = await store.Spans(sourceId, tier.Nr - 1, covered, ct).ConfigureAwait(false);
            if (tier.Next(finer) is not { } group)
            {
                return covered;
            }

            var chunk = await Together(series, tier, group, covered, ct).ConfigureAwait(false);
            await store.Write(sourceId, tier.Nr, [chunk], ct).ConfigureAwait(false);
            covered = group.ThroughNr;
        }
    }

    private async Task<Chunk> Together(
        SeriesStore series,
        Tier tier,
        ChunkSpan group,
        long covered,
        CancellationToken ct
    )
    {
        int[] all = [.. Enumerable.Range(0, series.Metrics.Length)];
        var points = new ColumnsBuilder(series, all, long.MinValue, long.MaxValue);
        var steps = new StepTable(all.Length, tier.StepMs);
        var query = new ChunkQuery(sourceId, tier.Nr - 1, Metrics: null, long.MinValue, long.MaxValue)
        {
            AfterNr = covered,
            ThroughNr = group.ThroughNr,
        };
        await foreach (var chunk in store.Read(query, ct).ConfigureAwait(false))
        {
            if (tier.Nr == 1)
            {
                points.Add(chunk);
                steps.Add(points.Take());
            }
            else
            {
                steps.Add(StepCodec.Open(chunk, all));
            }
        }

        return StepCodec.Seal(steps.ToColumns(), group, tier.StepMs);
    }
}
