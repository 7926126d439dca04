using System.IO.Hashing;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using RalmActors.Messages.AbTesting;

namespace RalmActors.ClusterHost.Reports;

/// <summary>Pictures of an experiment, as SVG that needs nothing from elsewhere.</summary>
public static partial class ReportPlots
{
    private const int Width = 760;
    private const int Height = 300;

    internal static readonly OxyColor[] Colors =
    [
        OxyColor.FromRgb(0x1f, 0x77, 0xb4),
        OxyColor.FromRgb(0xd6, 0x5f, 0x0e),
        OxyColor.FromRgb(0x2c, 0x8c, 0x4a),
        OxyColor.FromRgb(0x8c, 0x56, 0xb0),
    ];

    /// <summary>An arm's effect with its interval, as evidence came in.</summary>
    public static string Effect(ReportReply report, string metric)
    {
        var asLift = IsToldAsLift(report, metric);
        var model = Model("units", asLift ? "lift" : "arm less control");
        model.Annotations.Add(Line(0, "no difference"));
        var arms = report.Test.Definition.Arms.Skip(1).Select(a => a.Name).ToArray();
        for (var i = 0; i < arms.Length; i++)
        {
            var color = Colors[i % Colors.Length];
            var band = new AreaSeries { Fill = OxyColor.FromAColor(50, color), StrokeThickness = 0 };
            var line = new LineSeries { Color = color };
            foreach (var moment in report.Timeline)
            {
                if (moment.Comparisons.FirstOrDefault(c => c.Arm == arms[i] && c.Metric == metric) is not { } c)
                {
                    continue;
                }

                var (value, low, high) = Told(c, asLift);
                line.Points.Add(new DataPoint(moment.Units, value));
                if (double.IsFinite(low) && double.IsFinite(high))
                {
                    band.Points.Add(new DataPoint(moment.Units, low));
                    band.Points2.Add(new DataPoint(moment.Units, high));
                }
            }

            model.Series.Add(band);
            model.Series.Add(line);
        }

        Frame(model, report, metric, asLift);
        return Figure($"Effect on {metric}, with its interval", model, arms.Select((arm, i) => (arm, i)));
    }

    /// <summary>Whether the arms got their shares, phase by phase.</summary>
    public static string Split(ReportReply report)
    {
        var model = Model("units", "p");
        model.Axes[1] = new LogarithmicAxis
        {
            Position = AxisPosition.Left,
            Title = "p",
            Minimum = Math.Min(
                1e-4,
                report
                    .Timeline.SelectMany(m => m.SampleRatio)
                    .Select(s => Math.Max(1e-12, s.AnytimeP))
                    .DefaultIfEmpty(1)
                    .Min()
            ),
            Maximum = 1.5,
        };
        model.Annotations.Add(Line(0.01, "warns"));
        model.Annotations.Add(Line(0.001, "no verdict"));
        int[] phases = [.. report.Timeline.SelectMany(m => m.SampleRatio).Select(s => s.Phase).Distinct().Order()];
        foreach (var phase in phases)
        {
            var line = new LineSeries { Color = Colors[(phase - 1) % Colors.Length] };
            line.Points.AddRange(
                report
                    .Timeline.Select(m => (m.Units, Check: m.SampleRatio.FirstOrDefault(s => s.Phase == phase)))
                    .Where(m => m.Check is not null)
                    .Select(m => new DataPoint(m.Units, Math.Max(1e-12, m.Check!.AnytimeP)))
            );
            model.Series.Add(line);
        }

        return Figure(
            "Split check: p-value, valid at every look",
            model,
            phases.Select(phase => ($"phase {phase}", phase - 1))
        );
    }

    /// <summary>The effect in every phase alone.</summary>
    public static string Phases(ReportReply report, string metric) =>
        Rows(
            $"Effect on {metric}, phase by phase",
            IsToldAsLift(report, metric),
            report.Phases.SelectMany(p => Labelled($"phase {p.Phase}", p.Comparisons, metric))
        );

    /// <summary>The effect in every segment alone, the first one on top.</summary>
    public static string Segments(ReportReply report, string metric) =>
        Rows(
            $"Effect on {metric}, segment by segment",
            IsToldAsLift(report, metric),
            report.Segments.SelectMany(s => Labelled($"{s.Feature} {s.Value}", s.Comparisons, metric)).Reverse()
        );

    private static IEnumerable<(string Label, ArmComparison Effect)> Labelled(
        string label,
        IEnumerable<ArmComparison> comparisons,
        string metric
    ) => comparisons.Where(c => c.Metric == metric).Select(c => ($"{label}, {c.Arm}", c));

    /// <summary>An interval that is not known yet is not drawn; one far wider than the others is cut.</summary>
    private static string Rows(string title, bool asLift, IEnumerable<(string Label, ArmComparison Effect)> labelled)
    {
        var model = Model(asLift ? "lift" : "arm less control", "");
        var rows = labelled.Select(r => (r.Label, Told: Told(r.Effect, asLift))).ToArray();
        model.PlotMargins = new OxyThickness(
            Math.Clamp(20 + (7 * rows.Select(r => r.Label.Length).DefaultIfEmpty().Max()), 110, 300),
            10,
            20,
            55
        );
        var widest = 4 * Median(rows.Select(r => Math.Max(Math.Abs(r.Told.Low), Math.Abs(r.Told.High))));
        var labels = new CategoryAxis { Position = AxisPosition.Left };
        labels.Labels.AddRange(rows.Select(r => r.Label));
        model.Axes[1] = labels;
        model.Annotations.Add(
            new LineAnnotation
            {
                Type = LineAnnotationType.Vertical,
                X = 0,
                Color = OxyColors.Gray,
                LineStyle = LineStyle.Dash,
            }
        );
        var dots = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerFill = Colors[0] };
        for (var i = 0; i < rows.Length; i++)
        {
            var (value, low, high) = rows[i].Told;
            dots.Points.Add(new ScatterPoint(value, i));
            var interval = new LineSeries { Color = Colors[0] };
            if (double.IsFinite(low) && double.IsFinite(high))
            {
                interval.Points.Add(new DataPoint(Math.Max(low, -widest), i));
                interval.Points.Add(new DataPoint(Math.Min(high, widest), i));
                model.Series.Add(interval);
            }
        }

        model.Series.Add(dots);
        return Figure(title, model, [], 100 + (28 * rows.Length));
    }

    /// <summary>A sum or a count that may be looked at at any time has an interval for its lift alone.</summary>
    private static bool IsToldAsLift(ReportReply report, string metric) =>
        report.Test.Definition is { Method: Method.AlwaysValid } d
        && d.Metrics.First(m => m.Name == metric)
            is { Adjusted: false, Kind: MetricKind.Count or MetricKind.Continuous };

    private static (double Value, double Low, double High) Told(ArmComparison c, bool asLift) =>
        asLift ? (c.Lift, c.LiftLow, c.LiftHigh) : (c.Effect, c.EffectLow, c.EffectHigh);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? double.MaxValue : sorted[sorted.Length / 2];
    }

    /// <summary>Margins are given: the reader's fonts are not those that the text is measured with.</summary>
    internal static PlotModel Model(string x, string y)
    {
        var model = new PlotModel
        {
            PlotAreaBorderColor = OxyColors.LightGray,
            DefaultFont = "sans-serif",
            PlotMargins = new OxyThickness(110, 10, 20, 55),
        };
        model.Axes.Add(
            new LinearAxis
            {
                Position = AxisPosition.Bottom,
                Title = x,
                StringFormat = "#,0.####",
                AxisTitleDistance = 8,
            }
        );
        model.Axes.Add(
            new LinearAxis
            {
                Position = AxisPosition.Left,
                Title = y,
                AxisTitleDistance = 26,
            }
        );
        return model;
    }

    /// <summary>The first intervals are so wide that the later ones would not be seen: they are cut.</summary>
    private static void Frame(PlotModel model, ReportReply report, string metric, bool asLift)
    {
        var widths = report
            .Timeline.Skip(report.Timeline.Count / 4)
            .SelectMany(m => m.Comparisons)
            .Where(c => c.Metric == metric)
            .Select(c => Told(c, asLift))
            .Where(t => double.IsFinite(t.Low) && double.IsFinite(t.High))
            .Select(t => Math.Max(Math.Abs(t.Low), Math.Abs(t.High)))
            .DefaultIfEmpty(1)
            .Max();
        (model.Axes[1].Minimum, model.Axes[1].Maximum) = (-widths * 1.05, widths * 1.05);
    }

    internal static LineAnnotation Line(double y, string text) =>
        new()
        {
            Type = LineAnnotationType.Horizontal,
            Y = y,
            Text = text,
            FontSize = 10,
            Color = OxyColors.Gray,
            LineStyle = LineStyle.Dash,
        };

    internal static string Figure(
        string title,
        PlotModel model,
        IEnumerable<(string Name, int Color)> legend,
        double height = Height
    )
    {
        var svg = new SvgExporter
        {
            Width = Width,
            Height = height,
            IsDocument = false,
            UseVerticalTextAlignmentWorkaround = true,
        }.ExportToString(model);
        var names = legend.Select(l =>
            $" <span style=\"color:{Hex(Colors[l.Color % Colors.Length])}\">&#9632; {WebUtility.HtmlEncode(l.Name)}</span>"
        );
        return $"<figure><figcaption>{WebUtility.HtmlEncode(title)}{string.Concat(names)}</figcaption>{OnPage(svg, title)}</figure>";
    }

    /// <summary>
    /// Names of clipping paths are the page's, not the picture's: a second picture would be cut to the size of the first. A
    /// box to view lets it shrink with the page.
    /// </summary>
    private static string OnPage(string svg, string title)
    {
        var picture = $"p{XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(title)):x8}-";
        var body = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..]
            .Replace("clipPath id=\"", $"clipPath id=\"{picture}", StringComparison.Ordinal)
            .Replace("url(#", $"url(#{picture}", StringComparison.Ordinal);
        return SizeOfSvg().Replace(body, "<svg viewBox=\"0 0 ${w} ${h}\" width=\"${w}\" height=\"${h}\"", 1);
    }

    [GeneratedRegex("<svg width=\"(?<w>[0-9.]+)\" height=\"(?<h>[0-9.]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SizeOfSvg();

    private static string Hex(OxyColor color) => $"#{color.R:x2}{color.G:x2}{color.B:x2}";
}
