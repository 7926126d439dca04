using System.Globalization;
using System.Text;
using OxyPlot;
using OxyPlot.Series;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Training;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>A hyper-parameter search as one page that can be sent by mail.</summary>
public static class StudyHtml
{
    /// <summary>A longer table is asked for as trials.</summary>
    private const int MaxTrials = 50;

    /// <summary>Share of an axis left free at its ends, so that no marker is cut.</summary>
    private const double EdgePadding = 0.04;

    public static string Write(IWireMessage message)
    {
        var report = (StudyReportReply)message;
        var (study, page) = (report.Study, new StringBuilder());
        var title = HtmlReport.Text(study.StudyId);
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append(
                CultureInfo.InvariantCulture,
                $"<title>{title}</title><style>{HtmlReport.Style}</style></head><body><h1>{title}</h1>"
            )
            .Append(CultureInfo.InvariantCulture, $"<p class=\"quiet\">{HtmlReport.Text(Subtitle(study))}</p>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{HtmlReport.Text(InShort(study))}</p>");
        foreach (var warning in study.Warnings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{HtmlReport.Text(warning)}</p>");
        }

        if (report.Trials.Any(IsCompleted))
        {
            page.Append(Progress(report));
        }

        Importances(page, study);
        Trials(page, report);
        return page.Append("</body></html>").ToString();
    }

    private static string Subtitle(StudyReply s) =>
        $"{Phase(s)}: {s.Started} of {s.Definition.Trials} trials started, {s.Completed} completed, {s.Pruned} pruned, {s.Failed} failed, {s.Epochs} epochs; {s.Definition.Method} on dataset {s.Definition.DatasetHash}";

    private static string Phase(StudyReply s) =>
        s.Status switch
        {
            StudyStatus.SearchCompleted => "completed",
            StudyStatus.SearchFailed => "failed",
            StudyStatus.SearchCancelled => "cancelled",
            _ => "under way",
        };

    private static string InShort(StudyReply s)
    {
        var reason = s.Reason.Length > 0 ? $" {s.Reason}." : "";
        return s.Best is { } best
            ? $"Best is trial {best.Number}: {Objective(s)} {Number(best.Value)} after epoch {best.Epoch}.{reason}"
            : $"No trial has completed.{reason}";
    }

    private static void Importances(StringBuilder page, StudyReply study)
    {
        if (study.Importances.Count == 0)
        {
            return;
        }

        page.Append("<h2>What mattered</h2>");
        HtmlReport.Table(
            page,
            ["parameter", "importance", "rank correlation", "trials", "groups", "best trial's"],
            study.Importances.Select(i =>
                new[]
                {
                    i.Path,
                    Number(i.Importance),
                    i.HasRankCorrelation ? Number(i.RankCorrelation) : "",
                    Whole(i.Trials),
                    Whole(i.Groups),
                    study.Best?.Parameters.FirstOrDefault(p => p.Path == i.Path) is { } value ? ValueOf(value) : "",
                }
            )
        );
        page.Append(
            "<p class=\"quiet\">Importance: share of the variance of the objective's ranks that lies between trials of unlike value (Kruskal and Wallis), corrected for chance; each parameter alone. Rank correlation: positive where more of it was better.</p>"
        );
    }

    private static void Trials(StringBuilder page, StudyReportReply report)
    {
        var paths = report.Study.Definition.Parameters.Select(p => p.Path).ToArray();
        var lessIsBetter = report.Study.Definition.Objective == Messages.Training.Objective.ValidLogLoss;
        var best = report
            .Trials.Where(t => t.Outcome != TrialOutcome.Unspecified)
            .OrderBy(t => t.Outcome)
            .ThenBy(t => lessIsBetter ? t.Value : -t.Value)
            .ThenBy(t => t.Number)
            .ToArray();
        if (best.Length == 0)
        {
            return;
        }

        page.Append("<h2>Trials, the best first</h2>");
        HtmlReport.Table(
            page,
            ["trial", Objective(report.Study), "epoch", "outcome", .. paths],
            best.Take(MaxTrials)
                .Select(t =>
                    (string[])
                        [
                            Whole(t.Number),
                            t.Outcome == TrialOutcome.TrialFailed ? "" : Number(t.Value),
                            Whole(t.Epoch),
                            t.Outcome.ToString()["Trial".Length..].ToLowerInvariant(),
                            .. paths.Select(path =>
                                t.Parameters.FirstOrDefault(p => p.Path == path) is { } v ? ValueOf(v) : ""
                            ),
                        ]
                )
        );
        if (best.Length > MaxTrials)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"quiet\">And {best.Length - MaxTrials} more.</p>");
        }
    }

    private static string Progress(StudyReportReply report)
    {
        var model = ReportPlots.Model("trial", Objective(report.Study));
        var lessIsBetter = report.Study.Definition.Objective == Messages.Training.Objective.ValidLogLoss;
        var points = new LineSeries
        {
            Color = ReportPlots.Colors[0],
            LineStyle = LineStyle.None,
            MarkerType = MarkerType.Circle,
            MarkerFill = ReportPlots.Colors[0],
        };
        var best = new StairStepSeries { Color = ReportPlots.Colors[1] };
        var soFar = double.NaN;
        foreach (var trial in report.Trials.Where(IsCompleted))
        {
            soFar =
                double.IsNaN(soFar) ? trial.Value
                : lessIsBetter ? Math.Min(soFar, trial.Value)
                : Math.Max(soFar, trial.Value);
            points.Points.Add(new DataPoint(trial.Number, trial.Value));
            best.Points.Add(new DataPoint(trial.Number, soFar));
        }

        foreach (var axis in model.Axes)
        {
            (axis.MinimumPadding, axis.MaximumPadding) = (EdgePadding, EdgePadding);
        }

        model.Series.Add(best);
        model.Series.Add(points);
        return ReportPlots.Figure("Completed trials, and the best so far", model, [("trial", 0), ("best so far", 1)]);
    }

    private static bool IsCompleted(Trial trial) => trial.Outcome == TrialOutcome.TrialCompleted;

    private static string Objective(StudyReply s) =>
        s.Definition.Objective == Messages.Training.Objective.ValidLogLoss ? "validation log loss" : "validation AUC";

    private static string ValueOf(ParameterValue value) =>
        value.ValueCase switch
        {
            ParameterValue.ValueOneofCase.Number => value.Number.ToString("G4", CultureInfo.InvariantCulture),
            ParameterValue.ValueOneofCase.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
            _ => value.Text,
        };

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
