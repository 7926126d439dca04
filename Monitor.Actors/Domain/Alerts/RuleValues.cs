using RalmActors.Messages.Monitoring;
using RalmActors.Monitoring.Domain.Series;

namespace RalmActors.Monitoring.Domain.Alerts;

/// <summary>What a rule compares with its threshold, from a sampling and the points before it.</summary>
/// <param name="values">Of the sampling, by metric.</param>
/// <param name="at">Of the sampling.</param>
/// <param name="past">A metric's points with from &lt;= time &lt; to, by milliseconds.</param>
public sealed class RuleValues(
    IReadOnlyDictionary<string, double> values,
    DateTimeOffset at,
    Func<string, long, long, IEnumerable<SeriesPoint>> past
)
{
    private const double DefaultWindow = 300;
    private const double DefaultForecastWindow = 3600;

    /// <summary>Fewer say nothing of where a line goes.</summary>
    private const int LeastPoints = 3;

    private readonly long _atMs = at.ToUnixTimeMilliseconds();

    /// <summary>How far back the rule looks.</summary>
    public static double WindowOf(ThresholdRule rule) =>
        rule.HasWindowSeconds ? rule.WindowSeconds
        : rule.Kind == RuleKind.Forecast ? DefaultForecastWindow
        : DefaultWindow;

    /// <summary>Null: the sampling says nothing of it.</summary>
    public double? Of(ThresholdRule rule) =>
        rule.Kind switch
        {
            RuleKind.Rate => Worst(rule, metric => Rate(metric, WindowOf(rule))),
            RuleKind.Forecast => Worst(rule, metric => Forecast(metric, WindowOf(rule), rule.AheadSeconds)),
            RuleKind.Ratio => Ratio(rule),
            _ => Worst(rule, metric => values[metric]),
        };

    /// <summary>Of many metrics the one that is furthest on the wrong side counts.</summary>
    private double? Worst(ThresholdRule rule, Func<string, double> valueOf)
    {
        double? worst = null;
        foreach (var metric in Fitting(rule.Metric))
        {
            var value = valueOf(metric);
            var isWorse =
                worst is not { } before
                || double.IsNaN(before)
                || (rule.Comparison == Comparison.Above ? value > before : value < before);
            worst = isWorse ? value : worst;
        }

        return worst;
    }

    /// <summary>Sums of all that fit: their steps over the window, or, without one, what they are now. Through nothing: nothing.</summary>
    private double? Ratio(ThresholdRule rule)
    {
        var (part, whole) = (SumOf(rule.Metric), SumOf(rule.Divisor));
        return part is null || whole is null or 0 ? null : part / whole;

        double? SumOf(string pattern)
        {
            double? sum = null;
            foreach (var metric in Fitting(pattern))
            {
                var value = rule.HasWindowSeconds ? Increase(metric, rule.WindowSeconds).Sum : values[metric];
                sum = double.IsNaN(value) ? sum : (sum ?? 0) + value;
            }

            return sum;
        }
    }

    /// <summary>Per second; NaN: nothing is known of before.</summary>
    private double Rate(string metric, double window) =>
        Increase(metric, window) is { Seconds: > 0 } increase ? increase.Sum / increase.Seconds : double.NaN;

    /// <summary>The steps of a counter. One that goes back began anew at 0.</summary>
    private (double Sum, double Seconds) Increase(string metric, double window)
    {
        var (sum, first) = (double.NaN, default(SeriesPoint?));
        var before = double.NaN;
        foreach (var point in Points(metric, window))
        {
            if (first is null)
            {
                (first, sum) = (point, 0);
            }
            else
            {
                sum += point.Value >= before ? point.Value - before : point.Value;
            }

            before = point.Value;
        }

        return first is { } start ? (sum, (_atMs - start.UnixMs) / 1000.0) : (double.NaN, 0);
    }

    /// <summary>Where the straight line through the points of the window, by least squares, will be; NaN until there are enough for half of it.</summary>
    private double Forecast(string metric, double window, double ahead)
    {
        SeriesPoint[] points = [.. Points(metric, window)];
        if (points.Length < LeastPoints || (_atMs - points[0].UnixMs) / 1000.0 < window / 2)
        {
            return double.NaN;
        }

        var (meanX, meanY) = (points.Average(SecondsFromNow), points.Average(p => p.Value));
        var (covariance, variance) = (0.0, 0.0);
        foreach (var point in points)
        {
            var x = SecondsFromNow(point) - meanX;
            covariance += x * (point.Value - meanY);
            variance += x * x;
        }

        return variance > 0 ? meanY + (covariance / variance * (ahead - meanX)) : double.NaN;
    }

    private double SecondsFromNow(SeriesPoint point) => (point.UnixMs - _atMs) / 1000.0;

    /// <summary>Numbers of the window, the sampling's own last.</summary>
    private IEnumerable<SeriesPoint> Points(string metric, double window) =>
        past(metric, _atMs - (long)(window * 1000), _atMs)
            .Append(new SeriesPoint(_atMs, values[metric]))
            .Where(p => double.IsFinite(p.Value));

    private IEnumerable<string> Fitting(string pattern) =>
        MetricPattern.IsPattern(pattern) ? values.Keys.Where(name => MetricPattern.Fits(pattern, name))
        : values.ContainsKey(pattern) ? [pattern]
        : [];
}
