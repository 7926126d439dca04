using RalmActors.Messages.Monitoring;

namespace RalmActors.Monitoring.Probes;

/// <summary>
/// Percentages and rates are rounded to powers of two below what anybody reads (1/16 %, 1 byte per second): a value
/// with few mantissa bits compresses to a third of one with fifty-two.
/// </summary>
public static class Points
{
    public static void AddValue(this ICollection<MetricPoint> points, string name, double value) =>
        points.Add(new MetricPoint { Name = name, Value = value });

    /// <summary>100 × part / whole, in steps of 1/16, from 0 to the most; nothing when the whole is not positive.</summary>
    /// <param name="most">Of several things together a part may be more than one whole.</param>
    public static void AddPercent(
        this ICollection<MetricPoint> points,
        string name,
        double part,
        double whole,
        double most = 100
    )
    {
        if (whole > 0)
        {
            points.AddValue(name, Math.Clamp(Math.Round(100 * part / whole * 16) / 16, 0, most));
        }
    }

    /// <summary>Whole units per second of a counter's step; nothing when no time has passed.</summary>
    public static void AddRate(this ICollection<MetricPoint> points, string name, double step, double seconds)
    {
        if (seconds > 0)
        {
            points.AddValue(name, Math.Round(Math.Max(0, step) / seconds));
        }
    }
}
