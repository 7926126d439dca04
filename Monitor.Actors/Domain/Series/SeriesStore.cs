using System.Collections.Immutable;

namespace RalmActors.Monitoring.Domain.Series;

using RalmActors.Messages.Monitoring;

/// <summary>
/// The newest part of the time series of one source: the open samplings, the sealed, compressed chunks that are not in the store of
/// chunks yet, and of those that are the last hour, which rules look back at. Immutable; within a chunk times only go forward.
/// </summary>
public sealed record SeriesStore
{
    /// <summary>Samplings per sealed chunk: two hours at one sampling each 30 s.</summary>
    public const int SamplingsPerChunk = 240;

    /// <summary>
    /// 15 days: after so long a name that is not used gives back its place, and what the store of chunks could not take is let go of.
    /// A constant, not a setting: replay must do the same everywhere.
    /// </summary>
    public const long RetentionMs = 15L * 24 * 60 * 60 * 1000;

    /// <summary>How far back rules look: an hour.</summary>
    public const long RecentMs = 60L * 60 * 1000;

    public static readonly SeriesStore Empty = new();

    /// <summary>Metric names by index.</summary>
    public ImmutableArray<string> Metrics { get; private init; } = [];

    /// <summary>Those that are not in the store of chunks yet, by number.</summary>
    public ImmutableList<Chunk> Sealed { get; private init; } = [];

    /// <summary>Those that are, of the last hour before the newest sampling.</summary>
    public ImmutableList<Chunk> Recent { get; private init; } = [];

    /// <summary>How many chunks have been sealed: the number of the newest.</summary>
    public long SealedCount { get; private init; }

    /// <summary>The number of the last that the store of chunks has, and with it all before it.</summary>
    public long StoredThroughNr { get; private init; }

    public ImmutableList<Sampling> Open { get; private init; } = [];

    /// <summary>By index.</summary>
    public ImmutableArray<MetricTrack> Tracks { get; private init; } = [];

    /// <summary>The newest value of every metric, by index.</summary>
    public ImmutableArray<double> Latest => [.. Tracks.Select(t => t.Latest)];

    /// <summary>The time of the newest sampling; <see cref="long.MinValue"/> before the first.</summary>
    public long LatestUnixMs { get; private init; } = long.MinValue;

    private ImmutableDictionary<string, int> Index { get; init; } =
        ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    public static SeriesStore Restore(CollectorSnapshot photo)
    {
        var samplings = photo.Open is null ? [] : ChunkCodec.Open(photo.Open);
        // An earlier release did not count its chunks.
        ImmutableList<Chunk> chunks =
        [
            .. photo.Chunks.Index().Select(c => c.Item.Nr > 0 ? c.Item : new Chunk(c.Item) { Nr = c.Index + 1 }),
        ];
        var latest =
            photo.LatestUnixMs != 0 ? photo.LatestUnixMs
            : samplings.Count > 0 ? samplings[^1].UnixMs
            : chunks.Count > 0 ? chunks[^1].LastUnixMs
            : long.MinValue;
        return Empty.Introduce(photo.Metrics) with
        {
            Sealed = chunks,
            Recent = [.. photo.RecentChunks],
            SealedCount = Math.Max(photo.SealedChunks, chunks.Count > 0 ? chunks[^1].Nr : 0),
            StoredThroughNr = photo.StoredThroughNr,
            Open = samplings,
            Tracks = [.. photo.Metrics.Select((_, i) => TrackOf(photo, i, latest))],
            LatestUnixMs = latest,
        };
    }

    public void PutInto(CollectorSnapshot photo)
    {
        photo.Metrics.Add(Metrics);
        photo.Chunks.Add(Sealed);
        photo.RecentChunks.Add(Recent);
        photo.SealedChunks = SealedCount;
        photo.StoredThroughNr = StoredThroughNr;
        photo.Open = ChunkCodec.Seal(Open);
        photo.Latest.Add(Tracks.Select(t => t.Latest));
        photo.SeenUnixMs.Add(Tracks.Select(t => t.SeenMs));
        photo.HeardUnixMs.Add(Tracks.Select(t => t.HeardMs));
        photo.SinceUnixMs.Add(Tracks.Select(t => t.SinceMs));
        photo.LatestUnixMs = LatestUnixMs == long.MinValue ? 0 : LatestUnixMs;
    }

    /// <summary>The metric's index, or -1.</summary>
    public int IndexOf(string metric) => Index.GetValueOrDefault(metric, -1);

    /// <summary>The metric's track, or null.</summary>
    public MetricTrack? TrackOf(string metric) => IndexOf(metric) is >= 0 and var index ? Tracks[index] : null;

    /// <summary>Gives new metrics the next indices.</summary>
    public SeriesStore Introduce(IEnumerable<string> metrics) =>
        metrics.Aggregate(this, (store, name) => store.Introduce(name, store.Metrics.Length, sinceMs: 0));

    /// <summary>Gives new metrics these places, or the next ones where none are named.</summary>
    /// <param name="sinceMs">The time of their first sampling.</param>
    public SeriesStore Introduce(IReadOnlyList<string> metrics, IReadOnlyList<uint> places, long sinceMs) =>
        places.Count == 0
            ? Introduce(metrics)
            : metrics.Index().Aggregate(this, (store, m) => store.Introduce(m.Item, (int)places[m.Index], sinceMs));

    /// <summary>
    /// Indices that new metrics can have: the next ones up to the most, then those of names of which nothing has been heard for as
    /// long as points are kept.
    /// </summary>
    public IEnumerable<int> Places(long nowMs, int most) =>
        Enumerable
            .Range(Metrics.Length, Math.Max(0, most - Metrics.Length))
            .Concat(
                Enumerable
                    .Range(0, Metrics.Length)
                    .Where(i => Math.Max(Tracks[i].SeenMs, Tracks[i].SinceMs) < nowMs - RetentionMs)
            );

    /// <summary>Adds a sampling; indices are known ones. An earlier time than the newest begins a chunk of its own.</summary>
    /// <param name="heardMs">By the collector's clock; 0: not known.</param>
    public SeriesStore Append(long unixMs, IReadOnlyList<uint> metrics, IReadOnlyList<double> values, long heardMs = 0)
    {
        if (unixMs <= LatestUnixMs && Open.Count > 0)
        {
            return Seal(unixMs).Append(unixMs, metrics, values, heardMs);
        }

        var row = ImmutableArray.CreateBuilder<double>(Metrics.Length);
        row.AddRange(Enumerable.Repeat(Sampling.Absent, Metrics.Length));
        var tracks = Tracks.ToBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            var index = (int)metrics[i];
            row[index] = values[i];
            tracks[index] = tracks[index].With(values[i], unixMs, heardMs);
        }

        var appended = this with
        {
            Open = Open.Add(new Sampling(unixMs, row.MoveToImmutable())),
            Tracks = tracks.MoveToImmutable(),
            LatestUnixMs = unixMs,
        };
        return appended.Open.Count < SamplingsPerChunk ? appended : appended.Seal(unixMs);
    }

    /// <summary>The store of chunks has them up to this one: but for those of the last hour they are let go of here.</summary>
    public SeriesStore Stored(long throughNr) =>
        this with
        {
            StoredThroughNr = Math.Max(StoredThroughNr, throughNr),
            Sealed = Sealed.RemoveAll(c => c.Nr <= throughNr),
            Recent = Recent.AddRange(Sealed.Where(c => c.Nr <= throughNr)).RemoveAll(c => IsOver(c, LatestUnixMs)),
        };

    /// <summary>Every point of a metric in the last hour, with from &lt;= time &lt; to, oldest first.</summary>
    public IEnumerable<SeriesPoint> Points(string metric, long fromUnixMs, long toUnixMs) =>
        IndexOf(metric) is >= 0 and var index
            ? Read(Recent.AddRange(Sealed), [index], fromUnixMs, toUnixMs).Points(0)
            : [];

    /// <summary>All points of some metrics that are not in the store of chunks, with from &lt;= time &lt; to, oldest first.</summary>
    /// <param name="metrics">Indices.</param>
    public Columns Read(IReadOnlyList<int> metrics, long fromUnixMs, long toUnixMs) =>
        Read(Sealed, metrics, fromUnixMs, toUnixMs);

    private Columns Read(IEnumerable<Chunk> chunks, IReadOnlyList<int> metrics, long fromUnixMs, long toUnixMs)
    {
        var columns = new ColumnsBuilder(this, metrics, fromUnixMs, toUnixMs);
        foreach (var chunk in chunks)
        {
            columns.Add(chunk);
        }

        columns.Add(Open);
        return columns.Take();
    }

    private static MetricTrack TrackOf(CollectorSnapshot photo, int index, long latestMs)
    {
        var value = index < photo.Latest.Count ? photo.Latest[index] : Sampling.Absent;
        // A photograph of an earlier form knows no times: as if seen just then.
        return index < photo.SeenUnixMs.Count
            ? new MetricTrack(value, photo.SeenUnixMs[index], photo.HeardUnixMs[index], photo.SinceUnixMs[index])
            : new MetricTrack(value, Math.Max(0, latestMs), 0, 0);
    }

    private SeriesStore Introduce(string name, int place, long sinceMs) =>
        place == Metrics.Length
            ? this with
            {
                Metrics = Metrics.Add(name),
                Tracks = Tracks.Add(MetricTrack.New(sinceMs)),
                Index = Index.SetItem(name, place),
            }
            : this with
            {
                Metrics = Metrics.SetItem(place, name),
                Tracks = Tracks.SetItem(place, MetricTrack.New(sinceMs)),
                Index = Index.Remove(Metrics[place]).SetItem(name, place),
            };

    private static bool IsOver(Chunk chunk, long nowMs) => chunk.LastUnixMs < nowMs - RecentMs;

    /// <param name="nowMs">The newest time that is believed: of a clock that was set back, the earlier one.</param>
    private SeriesStore Seal(long nowMs)
    {
        var chunk = ChunkCodec.Seal(Open);
        chunk.Nr = SealedCount + 1;
        return this with
        {
            Sealed = Sealed.RemoveAll(c => c.LastUnixMs < nowMs - RetentionMs).Add(chunk),
            Recent = Recent.RemoveAll(c => IsOver(c, nowMs)),
            SealedCount = chunk.Nr,
            Open = [],
        };
    }
}
