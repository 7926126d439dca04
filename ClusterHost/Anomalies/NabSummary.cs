using System.Globalization;
using System.Text.Json;
using RalmActors.ClusterHost.Terminal;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>What the benchmark's folder has shown. Its properties are the keys of the line of JSON, in this order.</summary>
/// <param name="NabStandard">Normalised: 0 for who never alarms, 100 for perfect; as the next two.</param>
/// <param name="UsPerPoint">Of the detector alone, on one core: of each series the fastest of three passes.</param>
public sealed record NabSummary(
    double NabStandard,
    double NabLowFp,
    double NabLowFn,
    int Series,
    int Points,
    double UsPerPoint,
    int Windows,
    int Found,
    int FalseAlarms,
    IReadOnlyList<NabGroup> Groups
)
{
    public string ToJson() => JsonSerializer.Serialize(this, JsonLine.Options);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Series} series, {Points:N0} points, {UsPerPoint:F2} us a point
            {Found} of {Windows} windows found, {FalseAlarms} false alarms
              standard                {NabStandard, 6:F2}
              few false positives     {NabLowFp, 6:F2}
              few false negatives     {NabLowFn, 6:F2}
            group (standard)          score  found  false alarms
            {string.Join('\n', Groups)}
            """
        );
}
