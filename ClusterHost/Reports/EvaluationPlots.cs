using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using RalmActors.Messages.Training;

namespace RalmActors.ClusterHost.Reports;

/// <summary>Pictures of an evaluation, in the manner of <see cref="ReportPlots"/>.</summary>
internal static class EvaluationPlots
{
    private const double Square = 380;

    public static string Learning(Evaluation e)
    {
        var model = ReportPlots.Model("epoch", "validation AUC");
        model.Axes[0].MinimumMajorStep = 1;
        model.PlotMargins = new OxyThickness(110, 10, 80, 55);
        model.Axes.Add(
            new LinearAxis
            {
                Position = AxisPosition.Right,
                Key = "loss",
                Title = "log loss",
                AxisTitleDistance = 26,
            }
        );
        foreach (var axis in model.Axes)
        {
            // A point on the frame is a whole dot, not half of one.
            (axis.MinimumPadding, axis.MaximumPadding) = (0.04, 0.04);
        }

        Add(model, 0, e.Epochs.Select(p => new DataPoint(p.Epoch, p.ValidAuc)), null);
        Add(model, 1, e.Epochs.Select(p => new DataPoint(p.Epoch, p.ValidLogLoss)), "loss");
        // The representation's own loss is a softmax over candidates: of another scale, and no log loss of rows.
        var ranking = e.Epochs.Where(p => !p.Representation);
        Add(model, 2, ranking.Select(p => new DataPoint(p.Epoch, p.TrainLoss)), "loss");
        if (e.Epochs.LastOrDefault(p => p.Representation) is { } last)
        {
            model.Annotations.Add(Vertical(last.Epoch + 0.5, "ranking begins"));
        }

        foreach (var best in e.Epochs.Where(p => p.Best))
        {
            model.Annotations.Add(Vertical(best.Epoch, "kept"));
        }

        return ReportPlots.Figure(
            "Learning",
            model,
            [("validation AUC", 0), ("validation log loss", 1), ("training log loss", 2)]
        );
    }

    public static string Roc(Evaluation e)
    {
        var model = Unit("false positive rate", "true positive rate");
        model.Annotations.Add(Diagonal());
        Add(model, 0, e.Roc.Select(p => new DataPoint(p.X, p.Y)), null, markers: false);
        return ReportPlots.Figure("Receiver operating characteristic", model, [], Square);
    }

    public static string PrecisionRecall(Evaluation e)
    {
        var model = Unit("recall", "precision");
        model.Annotations.Add(ReportPlots.Line(e.Positives / (double)e.Rows, "share of positives"));
        Add(model, 0, e.PrecisionRecall.Select(p => new DataPoint(p.X, p.Y)), null, markers: false);
        return ReportPlots.Figure("Precision and recall", model, [], Square);
    }

    /// <summary>Dots are as large as their bins.</summary>
    public static string Reliability(Evaluation e)
    {
        var model = Unit("mean score", "share of positives");
        model.Annotations.Add(Diagonal());
        var bins = e.Reliability.Where(b => b.Rows > 0).ToArray();
        Add(model, 0, bins.Select(b => new DataPoint(b.MeanScore, b.SharePositive)), null, markers: false);
        var dots = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerFill = ReportPlots.Colors[0] };
        var most = bins.Select(b => b.Rows).DefaultIfEmpty(1).Max();
        dots.Points.AddRange(
            bins.Select(b => new ScatterPoint(b.MeanScore, b.SharePositive, 2 + (8 * Math.Sqrt(b.Rows / (double)most))))
        );
        model.Series.Add(dots);
        return ReportPlots.Figure("Reliability: said and seen", model, [], Square);
    }

    /// <param name="reference">Where the vertical line stands.</param>
    public static string Forest(
        string title,
        string axis,
        double? reference,
        IReadOnlyList<(string Label, double Value, double Low, double High)> rows
    )
    {
        var shown = rows.Reverse().ToArray();
        var model = ReportPlots.Model(axis, "");
        model.PlotMargins = new OxyThickness(300, 10, 20, 55);
        var labels = new CategoryAxis
        {
            Position = AxisPosition.Left,
            FontSize = 11,
            GapWidth = 0.5,
        };
        labels.Labels.AddRange(shown.Select(r => r.Label));
        model.Axes[1] = labels;
        if (reference is { } x)
        {
            model.Annotations.Add(Vertical(x, ""));
        }

        var dots = new ScatterSeries
        {
            MarkerType = MarkerType.Circle,
            MarkerFill = ReportPlots.Colors[0],
            MarkerSize = 4,
        };
        for (var i = 0; i < shown.Length; i++)
        {
            dots.Points.Add(new ScatterPoint(shown[i].Value, i));
            var interval = new LineSeries { Color = ReportPlots.Colors[0] };
            interval.Points.Add(new DataPoint(shown[i].Low, i));
            interval.Points.Add(new DataPoint(shown[i].High, i));
            model.Series.Add(interval);
        }

        model.Series.Add(dots);
        return ReportPlots.Figure(title, model, [], 90 + (18 * shown.Length));
    }

    private static void Add(
        PlotModel model,
        int color,
        IEnumerable<DataPoint> points,
        string? axis,
        bool markers = true
    )
    {
        var line = new LineSeries
        {
            Color = ReportPlots.Colors[color],
            YAxisKey = axis,
            MarkerType = markers ? MarkerType.Circle : MarkerType.None,
            MarkerFill = ReportPlots.Colors[color],
            MarkerSize = 3,
        };
        line.Points.AddRange(points.Where(p => double.IsFinite(p.Y)));
        model.Series.Add(line);
    }

    private static PlotModel Unit(string x, string y)
    {
        var model = ReportPlots.Model(x, y);
        model.PlotMargins = new OxyThickness(110, 10, 300, 55);
        foreach (var axis in model.Axes)
        {
            (axis.Minimum, axis.Maximum) = (-0.02, 1.02);
        }

        return model;
    }

    private static LineAnnotation Diagonal() =>
        new()
        {
            Type = LineAnnotationType.LinearEquation,
            Slope = 1,
            Intercept = 0,
            Color = OxyColors.Gray,
            LineStyle = LineStyle.Dash,
        };

    private static LineAnnotation Vertical(double x, string text) =>
        new()
        {
            Type = LineAnnotationType.Vertical,
            X = x,
            Text = text,
            FontSize = 10,
            Color = OxyColors.Gray,
            LineStyle = LineStyle.Dash,
        };
}
