using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// One of the forms in which the past is kept: the longer ago, the coarser. The first has every point; the others have for each
/// step its count, mean, least, most and last.
/// </summary>
/// <param name="Nr">Its place among them.</param>
/// <param name="StepMs">Milliseconds; 0: every point.</param>
public sealed record Tier(int Nr, long StepMs)
{
    /// <summary>Steps that make a chunk, or a little more: 20 hours of five minutes, ten days of hours.</summary>
    private const int StepsPerChunk = 240;

    /// <summary>Chunks that make one, however short a time they have.</summary>
    private const int MaxChunks = 400;

    /// <summary>Every point, 5 minutes, 1 hour.</summary>
    public static readonly ImmutableArray<Tier> All = [new(0, 0), new(1, 300_000), new(2, 3_600_000)];

    /// <summary>The coarsest whose steps make up the one that is asked for.</summary>
    /// <param name="stepMs">0: every point.</param>
    public static Tier Of(long stepMs) => All.Last(t => t.StepMs == 0 || (stepMs > 0 && stepMs % t.StepMs == 0));

    /// <summary>
    /// The chunks of the tier before that make the next one of this; null while there are too few. It follows from them alone: made
    /// again, after a crash or by another node, it is the same.
    /// </summary>
    /// <param name="finer">Those that have not gone into it yet, by number.</param>
    public ChunkSpan? Next(IEnumerable<ChunkSpan> finer)
    {
        ChunkSpan? group = null;
        foreach (var (chunk, count) in finer.Select((c, i) => (c, i + 1)))
        {
            group = group is null ? chunk : group with { ThroughNr = chunk.ThroughNr, LastUnixMs = chunk.LastUnixMs };
            if (count == MaxChunks || group.LastUnixMs - group.FirstUnixMs >= StepsPerChunk * StepMs)
            {
                return group;
            }
        }

        return null;
    }
}

/// <summary>What a chunk, or a run of them, is about.</summary>
/// <param name="Nr">The first sealed chunk that it has.</param>
/// <param name="ThroughNr">The last.</param>
public sealed record ChunkSpan(long Nr, long ThroughNr, long FirstUnixMs, long LastUnixMs);
