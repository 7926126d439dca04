using Ralm.Drift.Detectors;
using Xunit;

namespace Ralm.Drift.Tests.Detectors;

/// <summary>
/// Figures, not verdicts; run by hand: <c>Ralm.Drift.Tests -explicit only -class "*DetectorMeasures" -showliveoutput</c>.
/// </summary>
public sealed class DetectorMeasures(ITestOutputHelper output)
{
    private const int Quiet = 4_000;
    private const int Runs = 100;
    private const int Long = 50_000;

    /// <summary>Log losses, as a well calibrated model has them, of probabilities between 0.02 and 0.98.</summary>
    private static double Loss(Random random, double skill)
    {
        var p = Math.Clamp(0.5 + (random.NextDouble() - 0.5) * 2 * skill, 0.02, 0.98);
        return -Math.Log(random.NextDouble() < p ? p : 1 - p);
    }

    [Theory(Explicit = true)]
    [InlineData("adwin")]
    [InlineData("page-hinkley")]
    [InlineData("page-hinkley threshold=30")]
    [InlineData("hddm-a")]
    [InlineData("hddm-w")]
    [InlineData("hddm-w confidence=0.001")]
    [InlineData("ddm")]
    [InlineData("eddm")]
    [InlineData("eddm warning=0.95 drift=0.9 least_sample=30")]
    [InlineData("cusum")]
    [InlineData("cusum slack=0.5 threshold=5 least_sample=30")]
    [InlineData("ewma")]
    [InlineData("ewma weight=0.1 threshold=4 least_sample=30")]
    [InlineData("kswin")]
    [InlineData("kswin alpha=0.005 window=100 newest=30")]
    [InlineData("shewhart")]
    [InlineData("shewhart sigmas=3 least_sample=30")]
    public void False_alarms_and_delays(string settings)
    {
        var quiet = Alarms(settings, Long, (random, _) => random.NextDouble() < 0.2 ? 1 : 0);
        var losses = Alarms(settings, Long, (random, _) => Loss(random, 0.8));
        var cells = new List<string>();
        foreach (var rate in (double[])[0.25, 0.30, 0.40])
        {
            var (found, delay, since) = (0, 0.0, 0.0);
            for (var run = 0; run < Runs; run++)
            {
                var random = new Random(run);
                var detector = DriftDetectors.Parse(settings);
                for (var i = 0; i < 2 * Quiet; i++)
                {
                    detector = detector.Update(random.NextDouble() < (i < Quiet ? 0.2 : rate) ? 1 : 0);
                    if (i >= Quiet && detector.Level == DriftLevel.Drift)
                    {
                        found++;
                        delay += i - Quiet + 1;
                        since += detector.Change!.Since;
                        break;
                    }
                }
            }

            cells.Add($"{100.0 * (Runs - found) / Runs:F0} %, {delay / found:F0} ({since / found:F0})");
        }

        output.WriteLine($"| `{settings}` | {quiet:F2} | {losses:F2} | {string.Join(" | ", cells)} |");
    }

    /// <summary>In 50,000 values without a change, the mean of ten streams.</summary>
    private static double Alarms(string settings, int values, Func<Random, int, double> next)
    {
        const int Streams = 10;
        var alarms = 0;
        for (var seed = 0; seed < Streams; seed++)
        {
            var random = new Random(1_000 + seed);
            var detector = DriftDetectors.Parse(settings);
            for (var i = 0; i < values; i++)
            {
                detector = detector.Update(next(random, i));
                alarms += detector.Level == DriftLevel.Drift ? 1 : 0;
            }
        }

        return (double)alarms / Streams;
    }
}
