using Ralm.Drift.Anomalies;

namespace Ralm.Drift.Tests.Anomalies;

/// <summary>Seeded series of a point every five minutes, and what a detector tells of them.</summary>
internal static class MadeSeries
{
    public const int PerDay = 288;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset TimeOf(int row) => Start.AddMinutes(5 * row);

    /// <summary>Busy by day, calm by night, and noise.</summary>
    public static double[] Days(int seed, int rows)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, rows)
                .Select(row => (row % PerDay is >= 96 and < 216 ? 80 : 20) + 5 * (random.NextDouble() - 0.5)),
        ];
    }

    public static double[] Noise(int seed, int rows)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => 50 + Normal(random))];
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static List<(int Row, AnomalyPoint Point)> Told(IEnumerable<double> values, AnomalyDetector? fresh = null)
    {
        List<(int, AnomalyPoint)> told = [];
        var detector = fresh ?? new AnomalyDetector();
        foreach (var (row, value) in values.Index())
        {
            detector = detector.Update(TimeOf(row), value);
            if (detector.Point.IsAnomaly)
            {
                told.Add((row, detector.Point));
            }
        }

        return told;
    }
}
