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

    /// <summary>100 × part / whole, in steps of 1/16; nothing when the whole is not positive.</summary>
    public static void AddPercent(this ICollection<MetricPoint> points, string name, double part, double whole)
    {
        if (whole > 0)
        {
            points.AddValue(name, Math.Round(100 * part / whole * 16) / 16);
        }
    }

    /// <summary>Whole units per second; nothing when no time has passed or the counter went back.</summary>
    public static void AddRate(this ICollection<MetricPoint> points, string name, long now, long before, double seconds)
    {
        if (seconds > 0 && now >= before)
        {
            points.AddValue(name, Math.Round((now - before) / seconds));
        }
    }
}
