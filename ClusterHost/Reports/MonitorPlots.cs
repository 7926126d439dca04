using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using RalmActors.Messages.Monitoring;

namespace RalmActors.ClusterHost.Reports;

/// <summary>One series of a source over time: its mean, between least and most, with when alerts about it fired.</summary>
internal static class MonitorPlots
{
    private const double Height = 190;

    public static string Of(MonitorReportReply report, OneSeries series)
    {
        var model = ReportPlots.Model("", "");
        model.PlotMargins = new OxyThickness(110, 10, 20, 30);
        model.Axes[0] = new DateTimeAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = DateTimeAxis.ToDouble(report.From.ToDateTime()),
            Maximum = DateTimeAxis.ToDouble(report.To.ToDateTime()),
            StringFormat = (report.To - report.From).ToTimeSpan() > TimeSpan.FromHours(30) ? "dd MMM" : "HH:mm",
        };
        foreach (var firing in report.Alerts.Firings.Where(f => f.Metric == series.Metric))
        {
            model.Annotations.Add(
                new RectangleAnnotation
                {
                    MinimumX = DateTimeAxis.ToDouble(firing.FiredAt.ToDateTime()),
                    MaximumX = DateTimeAxis.ToDouble((firing.ResolvedAt ?? report.To).ToDateTime()),
                    Fill = OxyColor.FromAColor(40, OxyColors.Red),
                }
            );
        }

        foreach (var rule in report.Alerts.Rules.Where(r => r.Metric == series.Metric && IsNear(series, r.Threshold)))
        {
            model.Annotations.Add(ReportPlots.Line(rule.Threshold, rule.RuleId));
        }

        Draw(model, report, series);
        return ReportPlots.Figure(series.Metric, model, [], Height);
    }

    /// <summary>Where a step is missing the line breaks.</summary>
    private static void Draw(PlotModel model, MonitorReportReply report, OneSeries series)
    {
        var band = new AreaSeries { Fill = OxyColor.FromAColor(60, ReportPlots.Colors[0]), StrokeThickness = 0 };
        var line = new LineSeries { Color = ReportPlots.Colors[0], StrokeThickness = 1.5 };
        var previous = long.MinValue;
        for (var i = 0; i < series.Values.Count; i++)
        {
            if (!double.IsFinite(series.Values[i]))
            {
                continue;
            }

            var at = report.Series.UnixMs[i];
            if (previous != long.MinValue && at - previous > 1500 * report.StepSeconds)
            {
                Put(previous + 1, double.NaN, double.NaN, double.NaN);
            }

            Put(at, series.Values[i], series.Least[i], series.Most[i]);
            previous = at;
        }

        model.Series.Add(band);
        model.Series.Add(line);

        void Put(long unixMs, double mean, double least, double most)
        {
            var x = DateTimeAxis.ToDouble(DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime);
            line.Points.Add(new DataPoint(x, mean));
            band.Points.Add(new DataPoint(x, least));
            band.Points2.Add(new DataPoint(x, most));
        }
    }

    /// <summary>A threshold far away would press the line flat.</summary>
    private static bool IsNear(OneSeries series, double threshold)
    {
        double[] finite = [.. series.Most.Concat(series.Least).Where(double.IsFinite)];
        var (low, high) = finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
        var room = Math.Max(high - low, Math.Abs(high) * 0.5);
        return threshold >= low - room && threshold <= high + room;
    }
}
