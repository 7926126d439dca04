using System.Text;
using RalmActors.Messages.Telemetry;

namespace RalmActors.Monitoring.Meters;

/// <summary>
/// Names as Prometheus has them, by OpenTelemetry's rules, so that a scrape and OTLP come to the same: dots become underscores, units
/// are spelt out at the end, counters end in <c>_total</c>
/// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).
/// </summary>
public static class PrometheusNames
{
    private const string Total = "_total";

    public static string Of(string name, string unit, MetricKind kind)
    {
        var text = Word(name);
        var suffix = Suffix(unit, kind);
        if (suffix.Length > 0 && !text.EndsWith($"_{suffix}", StringComparison.Ordinal))
        {
            text = $"{text}_{suffix}";
        }

        return kind == MetricKind.Counter && !text.EndsWith(Total, StringComparison.Ordinal) ? $"{text}{Total}" : text;
    }

    /// <summary>A family of OpenMetrics has its counter's name without the ending.</summary>
    public static string FamilyOf(string counter) =>
        counter.EndsWith(Total, StringComparison.Ordinal) ? counter[..^Total.Length] : counter;

    public static string Label(string name) => Word(name);

    /// <summary>A label's value.</summary>
    public static string Escaped(string value) =>
        value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Word(string name)
    {
        var word = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            word.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return word.Length > 0 && char.IsAsciiDigit(word[0]) ? $"_{word}" : word.ToString();
    }

    private static string Suffix(string unit, MetricKind kind) =>
        unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "%" => "percent",
            _ => "",
        };
}
