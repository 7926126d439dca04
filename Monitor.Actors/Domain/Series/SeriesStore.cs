using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Series;

using RalmActors.Messages.Monitoring;

/// <summary>
/// The time series of one source: sealed, compressed chunks, and the open samplings since. Immutable; times only go
/// forward. Chunks older than <see cref="RetentionMs"/> before the newest sampling are let go.
/// </summary>
public sealed record SeriesStore
{
    /// <summary>Samplings per sealed chunk: two hours at one sampling each 30 s.</summary>
    public const int SamplingsPerChunk = 240;

    /// <summary>15 days. A constant, not a setting: replay must let go of the same chunks everywhere.</summary>
    public const long RetentionMs = 15L * 24 * 60 * 60 * 1000;

    public static readonly SeriesStore Empty = new();

    /// <summary>Metric names by index, in order of first sight.</summary>
    public ImmutableArray<string> Metrics { get; private init; } = [];

    public ImmutableList<Chunk> Sealed { get; private init; } = [];

    public ImmutableList<Sampling> Open { get; private init; } = [];

    /// <summary>The newest value of every metric, by index.</summary>
    public ImmutableArray<double> Latest { get; private init; } = [];

    /// <summary>The time of the newest sampling; <see cref="long.MinValue"/> before the first.</summary>
    public long LatestUnixMs { get; private init; } = long.MinValue;

    private ImmutableDictionary<string, int> Index { get; init; } = ImmutableDictionary<string, int>.Empty;

    public static SeriesStore Restore(
        IEnumerable<string> metrics,
        IEnumerable<Chunk> chunks,
        Chunk? open,
        IEnumerable<double> latest
    )
    {
        var store = Empty.Introduce(metrics);
        var samplings = open is null ? [] : ChunkCodec.Open(open);
        var sealedChunks = chunks.ToImmutableList();
        return store with
        {
            Sealed = sealedChunks,
            Open = samplings,
            Latest = [.. latest],
            LatestUnixMs =
                samplings.Count > 0 ? samplings[^1].UnixMs
                : sealedChunks.Count > 0 ? sealedChunks[^1].LastUnixMs
                : long.MinValue,
        };
    }

    /// <summary>The metric's index, or -1.</summary>
    public int IndexOf(string metric) => Index.GetValueOrDefault(metric, -1);

    /// <summary>Gives new metrics the next indices.</summary>
    public SeriesStore Introduce(IEnumerable<string> metrics)
    {
        var names = Metrics.AddRange(metrics);
        return names.Length == Metrics.Length
            ? this
            : this with
            {
                Metrics = names,
                Index = Index.AddRange(
                    names.Skip(Metrics.Length).Select((n, i) => KeyValuePair.Create(n, Metrics.Length + i))
                ),
            };
    }

    /// <summary>Adds a sampling, later than all before; indices are known ones.</summary>
    public SeriesStore Append(long unixMs, IReadOnlyList<uint> metrics, IReadOnlyList<double> values)
    {
        var row = ImmutableArray.CreateBuilder<double>(Metrics.Length);
        row.AddRange(Enumerable.Repeat(Sampling.Absent, Metrics.Length));
        var latest = Latest.AddRange(Enumerable.Repeat(Sampling.Absent, Metrics.Length - Latest.Length)).ToBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            row[(int)metrics[i]] = values[i];
            latest[(int)metrics[i]] = values[i];
        }

        var appended = this with
        {
            Open = Open.Add(new Sampling(unixMs, row.MoveToImmutable())),
            Latest = latest.MoveToImmutable(),
            LatestUnixMs = unixMs,
        };
        return appended.Open.Count < SamplingsPerChunk ? appended : appended.Seal();
    }

    /// <summary>Every point of a metric with from &lt;= time &lt; to, oldest first.</summary>
    public IEnumerable<SeriesPoint> Points(string metric, long fromUnixMs, long toUnixMs)
    {
        var index = IndexOf(metric);
        if (index < 0)
        {
            yield break;
        }

        foreach (var chunk in Sealed)
        {
            if (chunk.LastUnixMs < fromUnixMs || chunk.FirstUnixMs >= toUnixMs)
            {
                continue;
            }

            if (ChunkCodec.Values(chunk, index) is not { } values)
            {
                continue;
            }

            var times = ChunkCodec.Times(chunk);
            for (var i = 0; i < times.Length; i++)
            {
                if (times[i] >= fromUnixMs && times[i] < toUnixMs && !Sampling.IsAbsent(values[i]))
                {
                    yield return new SeriesPoint(times[i], values[i]);
                }
            }
        }

        foreach (var sampling in Open)
        {
            if (sampling.UnixMs >= fromUnixMs && sampling.UnixMs < toUnixMs && !Sampling.IsAbsent(sampling[index]))
            {
                yield return new SeriesPoint(sampling.UnixMs, sampling[index]);
            }
        }
    }

    private SeriesStore Seal() =>
        this with
        {
            Sealed = Sealed.RemoveAll(c => c.LastUnixMs < LatestUnixMs - RetentionMs).Add(ChunkCodec.Seal(Open)),
            Open = [],
        };
}
