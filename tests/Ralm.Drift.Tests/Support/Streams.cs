using Ralm.Drift.Detectors;

namespace Ralm.Drift.Tests.Support;

/// <summary>Streams of seeded values, and what a detector says of them.</summary>
internal static class Streams
{
    /// <summary>0 or 1, with a rate before the change and another from there on.</summary>
    public static IEnumerable<double> Errors(int seed, int values, int changeAt, double before, double after)
    {
        var random = new Random(seed);
        for (var i = 0; i < values; i++)
        {
            yield return random.NextDouble() < (i < changeAt ? before : after) ? 1 : 0;
        }
    }

    public static List<(int Index, DriftChange Change)> Changes(DriftDetector detector, IEnumerable<double> values)
    {
        List<(int, DriftChange)> changes = [];
        foreach (var (index, value) in values.Index())
        {
            detector = detector.Update(value);
            if (detector.Level == DriftLevel.Drift)
            {
                changes.Add((index, detector.Change!));
            }
        }

        return changes;
    }

    public static DriftDetector After(DriftDetector detector, IEnumerable<double> values) =>
        values.Aggregate(detector, (d, value) => d.Update(value));
}
