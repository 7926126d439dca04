using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using RalmActors.Messages.AbTesting;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Wire;

namespace RalmActors.ClusterHost.Reports;

/// <summary>An experiment as one page that can be sent by mail: no script, no picture and no style from elsewhere.</summary>
public static class HtmlReport
{
    internal const string Style = """
        body { font: 15px/1.5 sans-serif; max-width: 800px; margin: 2em auto; padding: 0 1em; color: #222 }
        h1 { font-weight: 500; margin-bottom: 0 } h2 { font-weight: 500; margin-top: 2em }
        table { border-collapse: collapse; width: 100%; font-size: 13px }
        th, td { text-align: right; padding: .25em .6em; border-bottom: 1px solid #e4e4e4 }
        th:first-child, td:first-child, .words { text-align: left }
        .verdict { font-size: 17px; padding: .8em 1em; background: #f3f6fa; border-left: 4px solid #1f77b4 }
        .warning { padding: .5em 1em; background: #fff4e5; border-left: 4px solid #d65f0e }
        figure { margin: 1.5em 0 } figcaption { font-weight: 500 }
        .quiet { color: #777 } svg { max-width: 100%; height: auto }
        """;

    public static string Write(IWireMessage message)
    {
        var report = (ReportReply)message;
        var (experiment, page) = (report.Test, new StringBuilder());
        var verdict = experiment.Verdict ?? experiment.Current;
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append(
                CultureInfo.InvariantCulture,
                $"<title>{Text(experiment.ExperimentId)}</title><style>{Style}</style></head><body>"
            )
            .Append(CultureInfo.InvariantCulture, $"<h1>{Text(experiment.ExperimentId)}</h1>")
            .Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"quiet\">{Text(experiment.Status.ToString())}, phase {experiment.Phase} at {experiment.Exposure / 100.0:0.##} % of {Text(experiment.Definition.Family)}</p>"
            )
            .Append(CultureInfo.InvariantCulture, $"<p>{Text(experiment.Definition.Hypothesis)}</p>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\">{Text(verdict.Recommendation)}</p>");
        foreach (var warning in verdict.Warnings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{Text(warning)}</p>");
        }

        page.Append(ReportPlots.Effect(report, experiment.Definition.Metric)).Append(ReportPlots.Split(report));
        if (report.Phases.Count > 0)
        {
            page.Append(ReportPlots.Phases(report, experiment.Definition.Metric));
        }

        Split(page, report);
        Promote(page, experiment.Promotion);
        Compare(page, verdict);
        Guard(page, verdict);
        Count(page, verdict);
        Remember(page, experiment);
        page.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"quiet\">Rule {verdict.RuleVersion}, {Text(verdict.Method.ToString())}, level {verdict.Alpha}; rests on the test's first {verdict.SequenceNr} events, sha256 {Text(verdict.InputHash)}.</p>"
            )
            .Append("</body></html>");
        return page.ToString();
    }

    private static void Compare(StringBuilder page, Verdict verdict)
    {
        page.Append("<h2>Metrics</h2>");
        Table(
            page,
            ["metric", "arm", "control", "arm", "effect", "from", "to", "lift", "from", "to", "p", "chance to win"],
            verdict.Comparisons.Select(c =>
                new[]
                {
                    $"{c.Metric} ({c.Role.ToString().ToLowerInvariant()})",
                    c.Arm,
                    Number(c.ControlMean),
                    Number(c.ArmMean),
                    Number(c.Effect),
                    Number(c.EffectLow),
                    Number(c.EffectHigh),
                    Percent(c.Lift),
                    Percent(c.LiftLow),
                    Percent(c.LiftHigh),
                    c.AdjustedP.ToString("G3", CultureInfo.InvariantCulture),
                    c.HasChanceToWin ? c.ChanceToWin.ToString("P1", CultureInfo.InvariantCulture) : "",
                }
            )
        );
    }

    private static void Guard(StringBuilder page, Verdict verdict)
    {
        if (verdict.Guardrails.Count == 0)
        {
            return;
        }

        page.Append("<h2>Guardrails</h2>");
        Table(
            page,
            ["metric", "arm", "margin", "worse by", "at least", "p", ""],
            verdict.Guardrails.Select(g =>
                new[]
                {
                    g.Metric,
                    g.Arm,
                    g.RelativeMargin > 0 ? Percent(g.RelativeMargin) : Number(g.Margin),
                    Number(g.Worse),
                    g.Crossing is null ? "" : Number(g.WorseAtLeast),
                    g.AdjustedP.ToString("G3", CultureInfo.InvariantCulture),
                    g.Crossing is null
                        ? "holds"
                        : string.Create(CultureInfo.InvariantCulture, $"broken since event {g.Crossing.SequenceNr}"),
                }
            )
        );
    }

    private static void Count(StringBuilder page, Verdict verdict)
    {
        page.Append("<h2>Counts</h2>");
        Table(
            page,
            ["metric", "arm", "phase", "units", "units with it", "units that wait"],
            verdict.Arms.Select(a =>
                new[]
                {
                    a.Metric,
                    a.Arm,
                    $"{a.Phase}",
                    a.Units.ToString("N0", CultureInfo.InvariantCulture),
                    a.Converted.ToString("N0", CultureInfo.InvariantCulture),
                    a.Waiting.ToString("N0", CultureInfo.InvariantCulture),
                }
            )
        );
    }

    private static void Split(StringBuilder page, ReportReply report)
    {
        if (report.Segments.Count == 0)
        {
            return;
        }

        page.Append("<h2>Segments</h2>")
            .Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"warning\">Exploration, not proof: {report.Segments.Count} segments are looked at. Their p-values are adjusted for all of them together (Benjamini-Hochberg), their intervals are not. What shows here wants a test of its own.</p>"
            )
            .Append(ReportPlots.Segments(report, report.Test.Definition.Metric));
        Table(
            page,
            ["segment", "units", "metric", "arm", "effect", "from", "to", "p"],
            report.Segments.SelectMany(s =>
                s.Comparisons.Select(c =>
                    new[]
                    {
                        $"{s.Feature} {s.Value}",
                        s.Units.ToString("N0", CultureInfo.InvariantCulture),
                        c.Metric,
                        c.Arm,
                        Number(c.Effect),
                        Number(c.EffectLow),
                        Number(c.EffectHigh),
                        c.AdjustedP.ToString("G3", CultureInfo.InvariantCulture),
                    }
                )
            )
        );
    }

    /// <summary>A promotion by steps: each step taken, and the one under way.</summary>
    private static void Promote(StringBuilder page, PromotionProcess? promotion)
    {
        if (promotion is null)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<h2>Promotion of {Text(promotion.VersionId)}</h2>");
        var steps = promotion.Steps.Select(s =>
            new[] { Name(s.Step), s.Passed ? "passed" : "failed", Time(s.Header?.At), s.Reason }
        );
        string[][] underWay =
            promotion.Step == PromotionStep.Unspecified
                ? []
                :
                [
                    [Name(promotion.Step), "under way", Time(promotion.Since), UnderWay(promotion)],
                ];
        Table(page, ["step", "", "when (UTC)", "what it has shown"], steps.Concat(underWay), " class=\"words\"");
    }

    private static string UnderWay(PromotionProcess promotion) =>
        promotion.Step switch
        {
            PromotionStep.Shadow => $"{promotion.Shadow?.Requests ?? 0} requests so far",
            PromotionStep.Rollout => $"see {promotion.RolloutExperimentId}",
            _ => "",
        };

    private static string Name(PromotionStep step) => step.ToString().ToLowerInvariant();

    private static string Time(Timestamp? at) =>
        at is null ? "" : at.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static void Remember(StringBuilder page, ExperimentReply experiment)
    {
        page.Append("<h2>History</h2>");
        Table(
            page,
            ["when (UTC)", "who", "what", "why"],
            experiment.History.Select(h =>
                new[] { Time(h.At), h.Author.Length > 0 ? h.Author : "the test itself", h.What, h.Reason }
            ),
            " class=\"words\""
        );
    }

    internal static void Table(StringBuilder page, string[] head, IEnumerable<string[]> rows, string cell = "")
    {
        page.Append("<table><tr>");
        foreach (var name in head)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th{cell}>{Text(name)}</th>");
        }

        page.Append("</tr>");
        foreach (var row in rows)
        {
            page.Append("<tr>");
            foreach (var value in row)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td{cell}>{Text(value)}</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</table>");
    }

    /// <summary>An end that is not bounded is left open.</summary>
    private static string Number(double value) =>
        double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "";

    private static string Percent(double share) =>
        double.IsFinite(share) ? share.ToString("P1", CultureInfo.InvariantCulture) : "";

    internal static string Text(string words) => WebUtility.HtmlEncode(words);
}
