using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>
/// Goes through the chunks of a store and what the state itself still holds in the order of time, so that no more than a chunk is
/// decompressed at once. Chunks overlap where a clock was set back; those are gone through together.
/// </summary>
public sealed class SeriesWalk
{
    private readonly ColumnsBuilder _columns;
    private readonly Action<Columns> _take;
    private readonly Queue<Block> _own;
    private long _lastUnixMs = long.MinValue;

    /// <param name="metrics">Indices.</param>
    /// <param name="fromUnixMs">The first time that is taken.</param>
    /// <param name="toUnixMs">The first that is not.</param>
    /// <param name="take">What is to be done with each part.</param>
    public SeriesWalk(
        SeriesStore series,
        IReadOnlyList<int> metrics,
        long fromUnixMs,
        long toUnixMs,
        Action<Columns> take
    )
    {
        _columns = new ColumnsBuilder(series, metrics, fromUnixMs, toUnixMs);
        _take = take;
        IEnumerable<Block> own = series.Sealed.Select(Of);
        if (series.Open is [var first, ..] and [.., var last])
        {
            own = own.Append(new Block(first.UnixMs, last.UnixMs, () => _columns.Add(series.Open)));
        }

        _own = new Queue<Block>(own.OrderBy(b => b.FirstUnixMs));
    }

    /// <param name="stored">In the order of their beginning.</param>
    public void Take(Chunk stored)
    {
        while (_own.TryPeek(out var own) && own.FirstUnixMs <= stored.FirstUnixMs)
        {
            Take(_own.Dequeue());
        }

        Take(Of(stored));
    }

    /// <summary>The store has no more.</summary>
    public void End()
    {
        while (_own.TryDequeue(out var own))
        {
            Take(own);
        }

        _take(_columns.Take());
    }

    private void Take(Block block)
    {
        if (block.FirstUnixMs > _lastUnixMs)
        {
            _take(_columns.Take());
        }

        block.Add();
        _lastUnixMs = Math.Max(_lastUnixMs, block.LastUnixMs);
    }

    private Block Of(Chunk chunk) => new(chunk.FirstUnixMs, chunk.LastUnixMs, () => _columns.Add(chunk));

    private sealed record Block(long FirstUnixMs, long LastUnixMs, Action Add);
}
