using System.Globalization;
using System.Text;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>An evaluation, or a comparison of two, as one page that can be sent by mail.</summary>
public static class EvaluationHtml
{
    /// <summary>A forest of more rows cannot be read.</summary>
    private const int MaxSlices = 50;

    public static string Write(IWireMessage message)
    {
        var reply = (EvaluationReply)message;
        var (e, page) = (reply.Evaluation, new StringBuilder());
        var title = HtmlReport.Text($"{e.Family} / {e.VersionId}");
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append(
                CultureInfo.InvariantCulture,
                $"<title>{title}</title><style>{HtmlReport.Style}</style></head><body><h1>{title}</h1>"
            )
            .Append(CultureInfo.InvariantCulture, $"<p class=\"quiet\">{HtmlReport.Text(Subtitle(e))}</p>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{HtmlReport.Text(InShort(e))}</p>");
        foreach (var warning in e.Warnings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">Warning: {HtmlReport.Text(warning)}.</p>");
        }

        if (reply.Comparison is { } comparison)
        {
            Compare(page, comparison);
        }

        if (e.Epochs.Count > 0)
        {
            page.Append(EvaluationPlots.Learning(e));
        }

        if (e.Rows > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{HtmlReport.Text(Calibrated(e))}</p>");
            Figures(page, e);
            Pictures(page, e);
        }

        page.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"quiet\">Dataset {e.DatasetHash}, schema {HtmlReport.Text(e.SchemaId)}, artefact {e.ArtifactHash}."
            )
            .Append(
                e.Rows == 0
                    ? ""
                    : $" Intervals of {e.Level:P0}: by {e.Resamples:N0} resamples of users, of AUC in pictures and slices by DeLong."
            )
            .Append("</p></body></html>");
        return page.ToString();
    }

    /// <summary>What was done to the model's own scores, and what it did to them.</summary>
    private static string Calibrated(Evaluation e)
    {
        if (e.Calibration is not { } c)
        {
            return "Calibration: none. These are the model's own probabilities.";
        }

        var fitted = c.Method switch
        {
            "platt" => $", slope {Number(c.Slope)}, intercept {Number(c.Intercept)}, fitted on the validation rows",
            "isotonic" => $", {c.Points} points, fitted on the validation rows",
            _ => "",
        };
        var weight = c.PositiveWeight == 1 ? "" : $"; class weight {Number(c.PositiveWeight)} taken back";
        return $"Calibration: {c.Method}{fitted}{weight}. Calibration error {Number(c.ErrorBefore)} before it, {Number(c.ErrorAfter)} with it.";
    }

    /// <summary>In a sentence, as the command line says it too.</summary>
    public static string InShort(Evaluation e)
    {
        if (e.Rows == 0)
        {
            return $"Not judged: {e.Reason}.";
        }

        var (auc, loss) = (Find(e, "auc"), Find(e, "log_loss"));
        var ordering = auc is null ? "All labels are equal: there is no AUC" : $"AUC {Interval(auc)}";
        return $"{ordering}; log loss {Interval(loss!)}, a constant's is {Number(loss!.Constant)}.";
    }

    private static string Subtitle(Evaluation e) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{e.Model} on {e.Rows:N0} test rows ({e.Positives:N0} positive) of {e.Users:N0} users and {e.Candidates:N0} candidates"
        );

    private static void Figures(StringBuilder page, Evaluation e)
    {
        page.Append("<h2>Figures</h2>");
        HtmlReport.Table(
            page,
            ["metric", "value", "from", "to", "constant", "lift", "better", "without seeds"],
            e.Metrics.Select(m =>
                new[]
                {
                    m.Metric,
                    Number(m.Value),
                    m.HasLow ? Number(m.Low) : "",
                    m.HasHigh ? Number(m.High) : "",
                    m.HasConstant ? Number(m.Constant) : "",
                    m.HasLift ? Percent(m.Lift) : "",
                    m.BiggerIsBetter ? "more" : "less",
                    m.HasCold ? Number(m.Cold) : "",
                }
            )
        );
    }

    private static void Pictures(StringBuilder page, Evaluation e)
    {
        if (e.Roc.Count > 0)
        {
            page.Append(EvaluationPlots.Roc(e)).Append(EvaluationPlots.PrecisionRecall(e));
        }

        page.Append(EvaluationPlots.Reliability(e));
        var (slices, of) = MostUnlike(e.Slices.Where(s => s.HasAuc), s => s.Auc - e.Auc, s => s.AucHigh - s.AucLow);
        if (slices.Count > 0)
        {
            page.Append(
                EvaluationPlots.Forest(
                    $"AUC by slice{of}",
                    "AUC",
                    e.HasAuc ? e.Auc : null,
                    [.. slices.Select(s => (Label(s.Feature, s.Value, s.Rows), s.Auc, s.AucLow, s.AucHigh))]
                )
            );
        }

        page.Append("<h2>Slices</h2>");
        HtmlReport.Table(
            page,
            ["slice", "rows", "positive", "mean score", "log loss", "AUC", "from", "to"],
            slices.Select(s =>
                new[]
                {
                    $"{s.Feature} {s.Value}",
                    s.Rows.ToString("N0", CultureInfo.InvariantCulture),
                    Percent(s.Positives / (double)s.Rows),
                    Percent(s.MeanScore),
                    Number(s.LogLoss),
                    s.HasAuc ? Number(s.Auc) : "",
                    s.HasAucLow ? Number(s.AucLow) : "",
                    s.HasAucHigh ? Number(s.AucHigh) : "",
                }
            )
        );
    }

    private static void Compare(StringBuilder page, VersionComparison c)
    {
        page.Append(
                CultureInfo.InvariantCulture,
                $"<h2>{HtmlReport.Text(c.VersionId)} less {HtmlReport.Text(c.AgainstVersionId)}</h2>"
            )
            .Append(
                CultureInfo.InvariantCulture,
                $"<p>AUC differs by {Number(c.AucDifference)} ({Number(c.AucLow)} to {Number(c.AucHigh)}), p = {c.PValue:G3} by DeLong's test of rows taken as independent. The table resamples users, whose rows are alike.</p>"
            );
        HtmlReport.Table(
            page,
            ["metric", c.VersionId, c.AgainstVersionId, "difference", "from", "to", "p", "better"],
            c.Differences.Select(d =>
                new[]
                {
                    d.Metric,
                    Number(d.Version),
                    Number(d.Against),
                    Number(d.Difference_),
                    d.HasLow ? Number(d.Low) : "",
                    d.HasHigh ? Number(d.High) : "",
                    d.HasPValue ? d.PValue.ToString("G3", CultureInfo.InvariantCulture) : "",
                    d.BiggerIsBetter ? "more" : "less",
                }
            )
        );
        var (slices, of) = MostUnlike(c.Slices, s => s.Difference, s => s.High - s.Low);
        if (slices.Count > 0)
        {
            page.Append(
                EvaluationPlots.Forest(
                    $"AUC of {c.VersionId} less {c.AgainstVersionId}, by slice{of}",
                    "difference of AUC",
                    0,
                    [.. slices.Select(s => (Label(s.Feature, s.Value, s.Rows), s.Difference, s.Low, s.High))]
                )
            );
        }
    }

    /// <summary>In their own order; of too many, those whose figure is furthest from the whole's, in units of their interval.</summary>
    private static (IReadOnlyList<T> Shown, string Of) MostUnlike<T>(
        IEnumerable<T> slices,
        Func<T, double> distance,
        Func<T, double> width
    )
    {
        var all = slices.Select((slice, place) => (slice, place)).ToArray();
        var shown = all.OrderByDescending(s => Math.Abs(distance(s.slice)) / Math.Max(1e-9, width(s.slice)))
            .Take(MaxSlices)
            .OrderBy(s => s.place)
            .Select(s => s.slice)
            .ToArray();
        return (
            shown,
            all.Length > shown.Length ? $": the {shown.Length} of {all.Length:N0} least like the whole" : ""
        );
    }

    private static Estimate? Find(Evaluation e, string metric) => e.Metrics.FirstOrDefault(m => m.Metric == metric);

    private static string Interval(Estimate m) =>
        m.HasLow ? $"{Number(m.Value)} ({Number(m.Low)} to {Number(m.High)})" : Number(m.Value);

    private static string Label(string feature, string value, long rows) =>
        string.Create(CultureInfo.InvariantCulture, $"{feature} {value} ({rows:N0})");

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("P1", CultureInfo.InvariantCulture);
}
