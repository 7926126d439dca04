using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Ralm.Drift.Anomalies;

/// <summary>
/// What share of a node's series had an anomaly of late. One series alone is wrong now and then; many at once are an event of
/// the node. Immutable: each method gives the next one; its state is two times a series.
/// </summary>
/// <param name="Window">How long an anomaly counts, and a series that says nothing is known; default 30 minutes.</param>
/// <param name="Consensus">Share from which on the node is anomalous, above 0, at most 1; default a fifth.</param>
/// <param name="LeastSeries">Anomalous series that it takes at least, 1 or more; default 3.</param>
public sealed record NodeAnomalyRate(TimeSpan Window, double Consensus = 0.2, int LeastSeries = 3)
{
    public static readonly NodeAnomalyRate Default = new(TimeSpan.FromMinutes(30));

    private ImmutableDictionary<string, Heard> Series { get; init; } = ImmutableDictionary<string, Heard>.Empty;

    /// <param name="series">Name of one of the node's series.</param>
    /// <param name="time">Of the point; one that is older than what was heard changes nothing but an older anomaly.</param>
    public NodeAnomalyRate Add(string series, DateTimeOffset time, AnomalyPoint point)
    {
        var before = Series.GetValueOrDefault(series, new Heard(time, null));
        var anomaly = point.IsAnomaly && !(before.Anomaly > time) ? time : before.Anomaly;
        return this with
        {
            Series = Series.SetItem(series, new Heard(time > before.Last ? time : before.Last, anomaly)),
        };
    }

    /// <summary>Series that have said nothing for a window are forgotten: names come and go.</summary>
    public NodeAnomalyRate Forget(DateTimeOffset now) =>
        this with
        {
            Series = Series.RemoveRange(Series.Where(s => !IsIn(s.Value.Last, now)).Select(s => s.Key)),
        };

    /// <param name="now">End of the window; what came later is not counted.</param>
    public NodeAnomalies At(DateTimeOffset now)
    {
        var known = Series.Values.Count(h => IsIn(h.Last, now));
        string[] anomalous =
        [
            .. Series
                .Where(s => s.Value.Anomaly is { } at && IsIn(at, now) && IsIn(s.Value.Last, now))
                .Select(s => s.Key)
                .Order(StringComparer.Ordinal),
        ];
        var rate = known == 0 ? 0 : (double)anomalous.Length / known;
        return new(known, [.. anomalous], rate, anomalous.Length >= LeastSeries && rate >= Consensus);
    }

    private bool IsIn(DateTimeOffset time, DateTimeOffset now) => time <= now && now - time < Window;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Heard(DateTimeOffset Last, DateTimeOffset? Anomaly);
}
