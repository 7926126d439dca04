using System.Runtime.InteropServices;

namespace RalmActors.Monitoring.Domain.Series;

/// <summary>What is known of one metric of a source beside its points. Times are milliseconds since 1970-01-01 UTC.</summary>
/// <param name="Latest">The newest value; <see cref="Sampling.Absent"/> before the first.</param>
/// <param name="SeenMs">The time of the newest number: NaN is none. 0: there was none.</param>
/// <param name="HeardMs">When that was heard, by the collector's clock. 0: not known.</param>
/// <param name="SinceMs">Since when the name has its place: what the column holds of before is another's.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MetricTrack(double Latest, long SeenMs, long HeardMs, long SinceMs)
{
    public static MetricTrack New(long sinceMs) => new(Sampling.Absent, 0, 0, sinceMs);

    public MetricTrack With(double value, long unixMs, long heardMs) =>
        double.IsNaN(value)
            ? this with
            {
                Latest = value,
            }
            : this with
            {
                Latest = value,
                SeenMs = unixMs,
                HeardMs = heardMs,
            };
}
