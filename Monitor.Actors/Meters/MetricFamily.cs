using RalmActors.Messages.Telemetry;

namespace RalmActors.Monitoring.Meters;

/// <summary>All series of one metric as they stand.</summary>
/// <param name="Meter">Of whom.</param>
/// <param name="Name">As OpenTelemetry has it.</param>
public sealed record MetricFamily(
    string Meter,
    string Name,
    MetricKind Kind,
    string Unit,
    string Description,
    IReadOnlyList<MetricSeries> Series
)
{
    public string PrometheusName => PrometheusNames.Of(Name, Unit, Kind);
}

/// <param name="Labels">As Prometheus writes them, without braces; empty: none.</param>
/// <param name="Value">Of a histogram, the sum.</param>
/// <param name="Counts">Of a histogram, by the buckets of <see cref="Distribution"/>; else null.</param>
public sealed record MetricSeries(string Labels, double Value, long[]? Counts);
