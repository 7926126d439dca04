using System.Globalization;
using Ralm.Drift.Anomalies;

namespace RalmActors.ClusterHost.Anomalies;

/// <param name="Time">UTC, ISO 8601.</param>
/// <param name="Score">.5 to 1.</param>
/// <param name="Cause">Error, Level, TimeOfDay or Extreme.</param>
public sealed record FoundAnomaly(string Time, double Value, double Score, string Cause)
{
    public static FoundAnomaly Of(SeriesPoint point, AnomalyPoint said) =>
        new(
            point.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
            point.Value,
            said.Score,
            said.Cause.ToString()
        );

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"  {Time}  {Value:G6}  score {Score:F3}  {Cause}");
}
