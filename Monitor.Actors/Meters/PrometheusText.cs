using System.Globalization;
using System.Text;
using RalmActors.Messages.Telemetry;

namespace RalmActors.Monitoring.Meters;

/// <summary>
/// What a scrape of Prometheus gets: its text format 0.0.4, or OpenMetrics 1.0 where that is asked for. Histograms have a bucket for
/// each power of two from 15 µs to 32 s.
/// </summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static readonly double[] Bounds = [.. Enumerable.Range(-16, 22).Select(e => Math.Pow(2, e))];

    public static string Write(IEnumerable<MetricFamily> families, bool openMetrics)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            Write(text, family, openMetrics);
        }

        return openMetrics ? text.Append("# EOF\n").ToString() : text.ToString();
    }

    private static void Write(StringBuilder text, MetricFamily family, bool openMetrics)
    {
        var name = family.PrometheusName;
        var head = openMetrics ? PrometheusNames.FamilyOf(name) : name;
        var help = family
            .Description.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {head} {help}\n");
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {head} {family.Kind.ToString().ToLowerInvariant()}\n");
        foreach (var series in family.Series)
        {
            if (series.Counts is { } counts)
            {
                WriteHistogram(text, name, series, counts);
            }
            else
            {
                Line(text, name, series.Labels, series.Value);
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, MetricSeries series, long[] counts)
    {
        foreach (var bound in Bounds)
        {
            Line(text, $"{name}_bucket", With(series.Labels, Text(bound)), Distribution.AtMost(counts, bound));
        }

        var all = counts.Sum();
        Line(text, $"{name}_bucket", With(series.Labels, "+Inf"), all);
        Line(text, $"{name}_sum", series.Labels, series.Value);
        Line(text, $"{name}_count", series.Labels, all);
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name)
            .Append(labels.Length == 0 ? "" : "{")
            .Append(labels)
            .Append(labels.Length == 0 ? " " : "} ")
            .Append(Text(value))
            .Append('\n');

    private static string With(string labels, string bound) =>
        labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"";

    private static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString(CultureInfo.InvariantCulture);
}
