using System.Diagnostics;
using Ralm.Drift.Anomalies;
using Ralm.Drift.Anomalies.Benchmark;

namespace RalmActors.ClusterHost.Anomalies;

/// <summary>All series of a folder, each with a detector of its own and all of them with the same settings.</summary>
public static class NabRun
{
    public static NabSummary Run(NabFolder folder, AnomalyDetector fresh, CancellationToken ct)
    {
        // What a long-lived node has behind it: code that is compiled.
        _ = AlarmsOf(folder.Series[0].Points, fresh);
        var clock = new Stopwatch();
        var told = new List<(NabSeries Series, bool[] Alarms)>();
        foreach (var series in folder.Series)
        {
            ct.ThrowIfCancellationRequested();
            clock.Start();
            var alarms = AlarmsOf(series.Points, fresh);
            clock.Stop();
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
            clock.Elapsed.TotalMicroseconds / points,
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

    private static bool[] AlarmsOf(IReadOnlyList<SeriesPoint> points, AnomalyDetector detector)
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
