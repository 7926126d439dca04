using System.Diagnostics;
using Ralm.Drift.Anomalies;
using Ralm.Drift.Anomalies.Benchmark;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>All series of a folder, each with a detector of its own and all of them with the same settings.</summary>
public static class NabRun
{
    /// <summary>The fastest counts: others share the machine, and the first pass compiles.</summary>
    private const int Passes = 3;

    public static NabSummary Run(NabFolder folder, AnomalyDetector fresh, CancellationToken ct)
    {
        var told = new List<(NabSeries Series, bool[] Alarms)>();
        var microseconds = 0.0;
        foreach (var series in folder.Series)
        {
            ct.ThrowIfCancellationRequested();
            var (alarms, took) = Fastest(series.Points, fresh);
            microseconds += took;
            told.Add((series, alarms));
        }

        var points = folder.Series.Sum(s => s.Points.Count);
        double Score(NabProfile profile) => SumOf(told, profile).Normalised(profile);
        var standard = SumOf(told, folder.Profiles.Standard);
        return new(
            Score(folder.Profiles.Standard),
            Score(folder.Profiles.LowFalsePositives),
            Score(folder.Profiles.LowFalseNegatives),
            folder.Series.Count,
            points,
            microseconds / points,
            standard.Windows,
            standard.Found,
            standard.FalseAlarms,
            [
                .. told.GroupBy(s => s.Series.Group, StringComparer.Ordinal)
                    .Select(g =>
                    {
                        var sum = SumOf(g, folder.Profiles.Standard);
                        return new NabGroup(
                            g.Key,
                            g.Count(),
                            sum.Windows,
                            sum.Found,
                            sum.FalseAlarms,
                            sum.Normalised(folder.Profiles.Standard)
                        );
                    }),
            ]
        );
    }

    private static NabScore SumOf(IEnumerable<(NabSeries Series, bool[] Alarms)> told, NabProfile profile) =>
        told.Aggregate(default(NabScore), (sum, s) => sum + NabScore.Of(s.Alarms, s.Series.Windows, profile));

    private static (bool[] Alarms, double Microseconds) Fastest(
        IReadOnlyList<SeriesPoint> points,
        AnomalyDetector fresh
    )
    {
        var (alarms, fastest) = (Array.Empty<bool>(), double.PositiveInfinity);
        for (var pass = 0; pass < Passes; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            alarms = AlarmsOf(points, fresh);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return (alarms, fastest);
    }

    /// <summary>Which of the points are told as anomalies, by a detector that has seen none before.</summary>
    public static bool[] AlarmsOf(IReadOnlyList<SeriesPoint> points, AnomalyDetector detector)
    {
        var alarms = new bool[points.Count];
        for (var row = 0; row < alarms.Length; row++)
        {
            detector = detector.Update(points[row].Time, points[row].Value);
            alarms[row] = detector.Point.IsAnomaly;
        }

        return alarms;
    }
}
