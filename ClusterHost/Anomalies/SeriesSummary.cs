using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ralm.Drift.Anomalies;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>What a detector has said of one series. Its properties are the keys of the line of JSON, in this order.</summary>
/// <param name="Points">Read.</param>
/// <param name="Ignored">No finite number, or of the very time of the one before.</param>
/// <param name="UsPerPoint">Of the detector alone, on one core; of a short series mostly the compiler's.</param>
public sealed record SeriesSummary(int Points, IReadOnlyList<FoundAnomaly> Anomalies, long Ignored, double UsPerPoint)
{
    public static SeriesSummary Of(IReadOnlyList<SeriesPoint> points, AnomalyDetector detector)
    {
        var found = new List<FoundAnomaly>();
        var start = Stopwatch.GetTimestamp();
        foreach (var point in points)
        {
            detector = detector.Update(point.Time, point.Value);
            if (detector.Point.IsAnomaly)
            {
                found.Add(FoundAnomaly.Of(point, detector.Point));
            }
        }

        var took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        return new(points.Count, found, detector.Ignored, took / points.Count);
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString() =>
        string.Join(
            '\n',
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Points:N0} points ({Ignored:N0} ignored), {Anomalies.Count:N0} anomalies{(Points > AnomalyDetector.Warmup ? "" : $"; none is told in the first {AnomalyDetector.Warmup} points")}"
                ),
                .. Anomalies.Select(a => a.ToString()),
            ]
        );
}
