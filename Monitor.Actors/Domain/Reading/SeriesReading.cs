using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>
/// An answer about series in the making. The state at the moment of the question says what it holds itself and up to which
/// chunk the store has the rest: whatever is sealed or stored meanwhile, each point is met once.
/// </summary>
public sealed class SeriesReading
{
    private readonly SeriesWalk _walk;
    private readonly ISeriesSink _sink;

    /// <param name="metrics">Indices.</param>
    /// <param name="fromUnixMs">The first time that is meant.</param>
    /// <param name="toUnixMs">The first that is not.</param>
    public SeriesReading(
        SeriesStore series,
        ImmutableArray<int> metrics,
        long fromUnixMs,
        long toUnixMs,
        ISeriesSink sink
    )
    {
        _walk = new SeriesWalk(series, metrics, fromUnixMs, toUnixMs, sink.Add);
        _sink = sink;
        (Metrics, FromUnixMs, ToUnixMs, StoredThroughNr) = (metrics, fromUnixMs, toUnixMs, series.StoredThroughNr);
    }

    public ImmutableArray<int> Metrics { get; }

    public long FromUnixMs { get; }

    public long ToUnixMs { get; }

    /// <summary>The last chunk that is to be read from the store.</summary>
    public long StoredThroughNr { get; }

    public bool IsFull => _sink.IsFull;

    /// <param name="stored">In the order of their beginning.</param>
    public void Take(Chunk stored) => _walk.Take(stored);

    /// <summary>The store has no more, or <see cref="IsFull"/>.</summary>
    public IWireMessage End()
    {
        _walk.End();
        return _sink.Reply();
    }
}
