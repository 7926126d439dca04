using System.Globalization;
using Ralm.Datasets.Descriptions;
using Ralm.Datasets.Preparation;
using Ralm.Drift.Anomalies;
using Ralm.Drift.Anomalies.Benchmark;
using RalmActors.ClusterHost.Anomalies;
using RalmActors.TestSupport;
using Xunit;

namespace RalmActors.ClusterHost.Tests.Anomalies;

/// <summary>The Numenta Anomaly Benchmark: that it is scored as published, and how well our detector does in it.</summary>
[Trait("Category", SharedData.Category)]
public sealed class NabQualitySpecs(ITestOutputHelper output)
{
    private static string Folder => SharedData.PathOf("monitoring", "nab");

    /// <summary>Each series' raw score, as published, of three detectors under thresholds that were published with them.</summary>
    [Theory]
    [InlineData("relativeEntropy")]
    [InlineData("skyline")]
    [InlineData("windowedGaussian")]
    public void A_reference_detectors_published_scores_are_ours(string detector)
    {
        var folder = NabFolder.Open(Folder, TestContext.Current.CancellationToken);
        var scores = ScoresOf(detector);
        var published = Rows($"{detector}_standard_scores.csv", "File", "Threshold", "Score").ToList();

        Assert.Equal(folder.Series.Count, published.Count);
        Assert.All(
            published,
            row =>
            {
                var series = folder.Series.Single(s => s.Name == row[0]);
                bool[] alarms = [.. scores[row[0]].Select(s => s >= Number(row[1]))];
                Assert.Equal(Number(row[2]), NabScore.Of(alarms, series.Windows, NabProfile.Standard).Raw, 4);
            }
        );
    }

    [Fact]
    public void Our_detector_reaches_65_of_100_without_look_ahead()
    {
        var told = NabRun.Run(
            NabFolder.Open(Folder, TestContext.Current.CancellationToken),
            new AnomalyDetector(),
            TestContext.Current.CancellationToken
        );

        output.WriteLine(told.ToString());
        Assert.InRange(told.NabStandard, 65, 100);
        Assert.InRange(told.NabLowFp, 60, 100);
        Assert.InRange(told.NabLowFn, 70, 100);
    }

    /// <summary>Risk and quiet as the other groups would choose them, judged on the group that had no say.</summary>
    [Fact]
    public void Settings_chosen_without_a_group_do_well_on_it()
    {
        var folder = NabFolder.Open(Folder, TestContext.Current.CancellationToken);
        var tried = (
            from risk in (double[])[0.001, 0.002, 0.003, 0.004, 0.005]
            from quiet in (int[])[50, 100, 150, 200]
            select (risk, quiet, Scores: GroupScores(folder, new AnomalyDetector { Risk = risk, Quiet = quiet }))
        ).ToList();
        var sum = default(NabScore);
        foreach (var group in tried[0].Scores.Keys)
        {
            var (risk, quiet, scores) = tried.MaxBy(t => Sum(t.Scores.Where(s => s.Key != group).Select(s => s.Value)));
            sum += scores[group];
            output.WriteLine($"without {group}: risk {risk}, quiet {quiet}");
        }

        output.WriteLine(string.Join('\n', tried.Select(t => $"{t.risk} {t.quiet} {Sum(t.Scores.Values):F2}")));
        output.WriteLine($"leave one group out: {sum.Normalised(NabProfile.Standard):F2}");
        Assert.InRange(sum.Normalised(NabProfile.Standard), 60, 100);
    }

    private static double Sum(IEnumerable<NabScore> scores) =>
        scores.Aggregate(default(NabScore), (a, b) => a + b).Normalised(NabProfile.Standard);

    private static Dictionary<string, NabScore> GroupScores(NabFolder folder, AnomalyDetector fresh) =>
        folder
            .Series.GroupBy(s => s.Group, StringComparer.Ordinal)
            .ToDictionary(
                g => g.Key,
                g =>
                    g.Aggregate(
                        default(NabScore),
                        (sum, s) => sum + NabScore.Of(NabRun.AlarmsOf(s.Points, fresh), s.Windows, NabProfile.Standard)
                    ),
                StringComparer.Ordinal
            );

    private static Dictionary<string, List<double>> ScoresOf(string detector)
    {
        var scores = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        foreach (var row in Rows($"{detector}_anomaly_scores.csv.gz", "file", "anomaly_score"))
        {
            if (!scores.TryGetValue(row[0], out var list))
            {
                scores[row[0]] = list = [];
            }

            list.Add(Number(row[1]));
        }

        return scores;
    }

    private static IEnumerable<string[]> Rows(string file, params string[] columns) =>
        TableReader
            .Read(Path.Combine(Folder, "results", file), TableFormat.Default, columns)
            .Select(row => columns.Index().Select(c => row[c.Index]).ToArray());

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
