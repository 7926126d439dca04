using System.Globalization;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Telemetry;
using RalmActors.Monitoring.Probes;

namespace RalmActors.Monitoring.Meters;

/// <summary>
/// What the application tells of itself, as points of the node's source, under the names of <c>/metrics</c>. Of times: how many since
/// the start, their sum, and the quantiles of those since the sampling before.
/// </summary>
public sealed class MeterProbe(MeterReader meters) : IProbe
{
    /// <summary>A sampling may have a thousand, and the machine tells of itself as well.</summary>
    private const int MaxPoints = 800;

    private static readonly double[] Quantiles = [0.5, 0.95, 0.99];

    /// <summary>Of the runtime the process probe tells the rest.</summary>
    private static readonly HashSet<string> OfOthers = new(
        ["http.server.request.duration", "http.server.active_requests", "dotnet.exceptions"],
        StringComparer.Ordinal
    );

    private readonly Dictionary<(string Name, string Labels), long[]> _before = [];

    public void Sample(ICollection<MetricPoint> points)
    {
        var most = points.Count + MaxPoints;
        // The application's own first: what is too much is left out at the end.
        foreach (var family in meters.Read().Where(IsTold).OrderByDescending(IsOwn))
        {
            foreach (var series in family.Series)
            {
                if (points.Count + Quantiles.Length + 2 > most)
                {
                    return;
                }

                Add(points, family, series);
            }
        }
    }

    /// <summary>The reader is the node's.</summary>
    public void Dispose() { }

    private static bool IsOwn(MetricFamily family) => family.Meter == RalmMetrics.MeterName;

    private static bool IsTold(MetricFamily family) =>
        IsOwn(family) ? !family.Name.StartsWith("process.", StringComparison.Ordinal) : OfOthers.Contains(family.Name);

    private void Add(ICollection<MetricPoint> points, MetricFamily family, MetricSeries series)
    {
        var name = family.PrometheusName;
        if (series.Counts is not { } counts)
        {
            points.AddValue(Named(name, series.Labels), series.Value);
            return;
        }

        points.AddValue(Named($"{name}_count", series.Labels), counts.Sum());
        points.AddValue(Named($"{name}_sum", series.Labels), series.Value);
        var since = Since((name, series.Labels), counts);
        if (Array.TrueForAll(since, c => c == 0))
        {
            return;
        }

        foreach (var share in Quantiles)
        {
            var label = string.Create(CultureInfo.InvariantCulture, $"quantile=\"{share}\"");
            var labels = series.Labels.Length == 0 ? label : $"{series.Labels},{label}";
            points.AddValue(Named(name, labels), Distribution.Quantile(since, share));
        }
    }

    private long[] Since((string Name, string Labels) key, long[] counts)
    {
        var since = _before.TryGetValue(key, out var before)
            ? [.. counts.Zip(before, (now, then) => now - then)]
            : counts;
        _before[key] = counts;
        return since;
    }

    private static string Named(string name, string labels) => labels.Length == 0 ? name : $"{name}{{{labels}}}";
}
