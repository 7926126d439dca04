using System.Collections.Immutable;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>
/// An answer about series in the making. The state at the moment of the question says what it holds itself and up to which
/// chunk the store has the rest: whatever is sealed or stored meanwhile, each point is met once.
/// </summary>
public sealed record SeriesReading
{
    private readonly SeriesWalk _walk;
    private readonly ISeriesSink _sink;
    private readonly SeriesStore _series;

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
        (_series, _sink) = (series, sink);
        (Metrics, FromUnixMs, ToUnixMs, StoredThroughNr) = (metrics, fromUnixMs, toUnixMs, series.StoredThroughNr);
    }

    public ImmutableArray<int> Metrics { get; }

    public long FromUnixMs { get; }

    public long ToUnixMs { get; }

    /// <summary>The last chunk that is to be read from the store.</summary>
    public long StoredThroughNr { get; }

    /// <summary>The coarsest tier that the answer can be made of.</summary>
    public Tier Tier => _sink.Tier;

    /// <summary>What the answer is compared with: it is read first.</summary>
    public SeriesReading? Earlier { get; init; }

    public bool IsFull => _sink.IsFull;

    /// <param name="stored">In the order of their beginning.</param>
    public void Take(Chunk stored) => _walk.Take(stored);

    /// <param name="tier">Of <see cref="Tier"/> or a finer one, before all points.</param>
    public void TakeSteps(Chunk tier)
    {
        var steps = StepCodec.Open(tier, Metrics);
        for (var m = 0; m < Metrics.Length; m++)
        {
            var since = _series.Tracks[Metrics[m]].SinceMs;
            for (var i = 0; i < steps.UnixMs.Length; i++)
            {
                // A step that is only half meant is left out, as its name was another's.
                if (steps.UnixMs[i] < Math.Max(FromUnixMs, since) || steps.UnixMs[i] >= ToUnixMs)
                {
                    steps.Sums[m][i] = default;
                }
            }
        }

        _sink.Add(steps);
    }

    /// <summary>The store has no more, or <see cref="IsFull"/>.</summary>
    public IWireMessage End()
    {
        Earlier?._walk.End();
        _walk.End();
        return _sink.Reply();
    }
}
