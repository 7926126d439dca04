using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.Monitoring;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>The last hours of a source as one page that can be sent by mail: no script, no picture and no style from elsewhere.</summary>
public static class MonitorHtml
{
    public static string Write(IWireMessage message)
    {
        var report = (MonitorReportReply)message;
        var page = new StringBuilder();
        var title = HtmlReport.Text(report.SourceId);
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append(
                CultureInfo.InvariantCulture,
                $"<title>{title}</title><style>{HtmlReport.Style}</style></head><body><h1>{title}</h1>"
            )
            .Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"quiet\">{Time(report.From)} to {Time(report.To)} (UTC), steps of {report.StepSeconds:0.#} s: the line is the mean, the band the least and the most</p>"
            )
            .Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{HtmlReport.Text(InShort(report))}</p>");
        Firings(page, report);
        Gaps(page, report);
        foreach (var group in report.Series.Series.GroupBy(s => GroupOf(s.Metric)))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{HtmlReport.Text(group.Key)}</h2>");
            foreach (var series in group.Where(s => s.Values.Any(double.IsFinite)))
            {
                page.Append(MonitorPlots.Of(report, series));
            }
        }

        if (report.SeriesLeftOut > 0)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"quiet\">{report.SeriesLeftOut} more series are not shown.</p>"
            );
        }

        return page.Append("</body></html>").ToString();
    }

    private static string InShort(MonitorReportReply report)
    {
        var (firings, gaps) = (InRange(report).ToArray(), report.Gaps.Count);
        var still = firings.Count(f => f.ResolvedAt is null);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Series.Series.Count} series; {firings.Length} alerts fired, {still} still do; {gaps} gaps"
        );
    }

    private static IEnumerable<Firing> InRange(MonitorReportReply report) =>
        report.Alerts.Firings.Where(f =>
            (f.ResolvedAt is null || f.ResolvedAt >= report.From) && f.FiredAt <= report.To
        );

    private static void Firings(StringBuilder page, MonitorReportReply report)
    {
        page.Append("<h2>Alerts</h2>");
        Firing[] firings = [.. InRange(report)];
        if (firings.Length == 0)
        {
            page.Append("<p>None fired.</p>");
            return;
        }

        HtmlReport.Table(
            page,
            ["alert", "metric", "severity", "fired", "resolved", "value"],
            firings.Select(f =>
                new[]
                {
                    f.RuleId,
                    f.Metric,
                    f.Severity.ToString().ToLowerInvariant(),
                    Time(f.FiredAt),
                    f.ResolvedAt is null ? "still fires" : Time(f.ResolvedAt),
                    f.NoData ? "no data" : f.Value.ToString("G5", CultureInfo.InvariantCulture),
                }
            ),
            " class=\"words\""
        );
    }

    private static void Gaps(StringBuilder page, MonitorReportReply report)
    {
        if (report.Gaps.Count == 0)
        {
            return;
        }

        page.Append("<h2>Gaps</h2>");
        HtmlReport.Table(
            page,
            ["after", "until", "minutes"],
            report.Gaps.Select(g =>
                new[]
                {
                    Time(g.From),
                    Time(g.To),
                    (g.To - g.From).ToTimeSpan().TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture),
                }
            ),
            " class=\"words\""
        );
    }

    /// <summary>What stands before the second word: node_cpu, dotnet_gc.</summary>
    private static string GroupOf(string metric) => string.Join('_', metric.Split('{')[0].Split('_').Take(2));

    private static string Time(Timestamp at) =>
        at.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
