using System.Globalization;
using System.Text;
using Ralm.Datasets.Preparation;

namespace RalmActors.ClusterHost.Reports;

/// <summary>What was found in a person's tables, as one page that can be sent by mail.</summary>
public static class TablesHtml
{
    public static string Write(PreparationReport report)
    {
        var page = new StringBuilder();
        var title = HtmlReport.Text($"Tables of {report.Dataset}");
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
            .Append(
                CultureInfo.InvariantCulture,
                $"<title>{title}</title><style>{HtmlReport.Style}</style></head><body><h1>{title}</h1>"
            )
            .Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{HtmlReport.Text(InShort(report))}</p>");
        foreach (var warning in report.Warnings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{HtmlReport.Text(warning)}</p>");
        }

        Pairs(page, report.Profile.Pairs);
        foreach (var table in report.Profile.Columns.GroupBy(c => c.Table))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{HtmlReport.Text(table.Key)}</h2>");
            HtmlReport.Table(
                page,
                [
                    "feature",
                    "type",
                    "missing",
                    "different",
                    "least",
                    "a quarter below",
                    "half below",
                    "three quarters below",
                    "most",
                    "most frequent",
                ],
                table.Select(Row),
                " class=\"words\""
            );
        }

        if (report.Listed.Length > 0)
        {
            page.Append("<h2>Bad rows</h2>");
            HtmlReport.Table(
                page,
                ["file", "line", "column", "cell", "rule"],
                report.Listed.Take(100).Select(b => (string[])[b.File, $"{b.Line:N0}", b.Column, b.Value, b.Rule]),
                " class=\"words\""
            );
        }

        return page.Append("</body></html>").ToString();
    }

    private static string InShort(PreparationReport report)
    {
        var rows = string.Join(", ", report.Tables.Select(t => $"{t.File} {t.Rows:N0} rows"));
        return report.Reason is { } reason
            ? $"Refused: {reason}"
            : $"{rows}; {report.BadRows:N0} bad rows left out. Dataset {report.DatasetHash}.";
    }

    private static void Pairs(StringBuilder page, PairProfile? pairs)
    {
        if (pairs is null)
        {
            return;
        }

        page.Append("<h2>Who was shown to whom</h2>");
        (string What, string HowMany)[] rows =
        [
            ("rows", $"{pairs.Rows:N0}"),
            ("positive", $"{pairs.Positives:N0} ({Percent(pairs.Positives, pairs.Rows)})"),
            ("users, candidates", $"{pairs.Users:N0}, {pairs.Candidates:N0}"),
            ("different pairs", $"{pairs.Pairs:N0}"),
            ("rows that repeat a pair", $"{pairs.Repeated:N0}"),
            ("pairs with labels of both kinds", $"{pairs.Contradictory:N0}"),
            ("pairs with training rows and test rows", $"{pairs.OnBothSides:N0}"),
            ("test rows of those", $"{pairs.TestRowsSeenInTraining:N0} of {pairs.TestRows:N0}"),
            ("rows that show a user to themselves", $"{pairs.WithThemselves:N0}"),
        ];
        HtmlReport.Table(page, ["", ""], rows.Select(r => (string[])[r.What, r.HowMany]), "");
    }

    private static string[] Row(ColumnProfile c) =>
        [
            c.Feature,
            c.Type,
            Percent(c.Missing, c.Rows),
            $"{c.Distinct:N0}{(c.DistinctIsAtLeast ? " or more" : "")}",
            Number(c, n => n.Least),
            Number(c, n => n.LowerQuartile),
            Number(c, n => n.Median),
            Number(c, n => n.UpperQuartile),
            Number(c, n => n.Most),
            string.Join(", ", c.Frequent.Select(f => $"{f.Value} ({Percent(f.Rows, c.Rows)})")),
        ];

    private static string Number(ColumnProfile c, Func<NumberProfile, double> of) =>
        c.Numbers is not { } numbers ? ""
        : c.Type == "time"
            ? DateTime.UnixEpoch.AddSeconds(of(numbers)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : of(numbers).ToString("G6", CultureInfo.InvariantCulture);

    private static string Percent(long part, long all) =>
        all == 0 ? "" : (part / (double)all).ToString("P1", CultureInfo.InvariantCulture);
}
