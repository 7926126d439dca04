using System.Globalization;
using System.Text;
using CsvHelper;
using RalmActors.Messages.Monitoring;

namespace RalmActors.ClusterHost.Exports;

/// <summary>A form in which series leave, written page by page.</summary>
/// <param name="Name">Ends the operation's id, such as "Csv".</param>
/// <param name="OneByOne">All of one series, then the next; else all series of a time together.</param>
/// <param name="Head">Before the first page.</param>
/// <param name="Page">Lines of a page, and whether it begins a series.</param>
/// <param name="Tail">After the last.</param>
public sealed record SeriesForm(
    string Name,
    string MediaType,
    bool OneByOne,
    Func<ManySeriesReply, string> Head,
    Func<ManySeriesReply, bool, string> Page,
    string Tail
)
{
    /// <summary>A row a time, a column a series; nothing where there is no number.</summary>
    public static readonly SeriesForm Csv = new("Csv", "text/csv", OneByOne: false, CsvHead, CsvPage, "");

    /// <summary>An object a time; what has no number is left out of it.</summary>
    public static readonly SeriesForm JsonLines = new(
        "JsonLines",
        "application/x-ndjson",
        OneByOne: false,
        _ => "",
        JsonLinesPage,
        ""
    );

    /// <summary>The text format of OpenMetrics 1.0, with times and the source as a label: promtool makes blocks of it.</summary>
    public static readonly SeriesForm OpenMetrics = new(
        "OpenMetrics",
        "application/openmetrics-text; version=1.0.0",
        OneByOne: true,
        _ => "",
        OpenMetricsPage,
        "# EOF\n"
    );

    private static string CsvHead(ManySeriesReply page) =>
        Table(csv =>
        {
            csv.WriteField("time");
            foreach (var series in page.Series)
            {
                csv.WriteField(series.Metric);
            }

            csv.NextRecord();
        });

    private static string CsvPage(ManySeriesReply page, bool isFirst) =>
        Table(csv =>
        {
            for (var i = 0; i < page.UnixMs.Count; i++)
            {
                csv.WriteField(Time(page.UnixMs[i]));
                foreach (var series in page.Series)
                {
                    csv.WriteField(double.IsNaN(series.Values[i]) ? "" : Number(series.Values[i]));
                }

                csv.NextRecord();
            }
        });

    private static string Table(Action<CsvWriter> write)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using var csv = new CsvWriter(
            text,
            new CsvHelper.Configuration.CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }
        );
        write(csv);
        csv.Flush();
        return text.ToString();
    }

    private static string JsonLinesPage(ManySeriesReply page, bool isFirst)
    {
        using var buffer = new MemoryStream();
        for (var i = 0; i < page.UnixMs.Count; i++)
        {
            using (var json = new System.Text.Json.Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("time", Time(page.UnixMs[i]));
                json.WriteStartObject("values");
                foreach (var series in page.Series.Where(s => !double.IsNaN(s.Values[i])))
                {
                    if (double.IsFinite(series.Values[i]))
                    {
                        json.WriteNumber(series.Metric, series.Values[i]);
                    }
                    else
                    {
                        json.WriteString(series.Metric, Number(series.Values[i]));
                    }
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            buffer.WriteByte((byte)'\n');
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string OpenMetricsPage(ManySeriesReply page, bool isFirst)
    {
        var lines = new StringBuilder();
        foreach (var series in page.Series)
        {
            var brace = series.Metric.IndexOf('{', StringComparison.Ordinal);
            var name = brace < 0 ? series.Metric : series.Metric[..brace];
            var labels = brace < 0 ? "" : $",{series.Metric[(brace + 1)..^1]}";
            if (isFirst)
            {
                lines.Append(CultureInfo.InvariantCulture, $"# TYPE {name} unknown\n");
            }

            for (var i = 0; i < page.UnixMs.Count; i++)
            {
                if (!double.IsNaN(series.Values[i]))
                {
                    lines.Append(
                        CultureInfo.InvariantCulture,
                        $"{name}{{source=\"{page.SourceId}\"{labels}}} {OpenNumber(series.Values[i])} {page.UnixMs[i] / 1000.0:0.000}\n"
                    );
                }
            }
        }

        return lines.ToString();
    }

    private static string OpenNumber(double value) =>
        double.IsFinite(value) ? Number(value)
        : value > 0 ? "+Inf"
        : "-Inf";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Time(long unixMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(unixMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
