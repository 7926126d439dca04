namespace RalmActors.Monitoring.Domain.Reading;

/// <summary>
/// A line through points of which many may be far off: its slope is the median of the slopes between all pairs, its height the
/// median of what is left. (Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1968)
/// </summary>
public static class TheilSen
{
    /// <summary>Points that are looked at; of more, equally spaced ones.</summary>
    public const int MaxPoints = 400;

    /// <summary>Slope, and height at 0; NaN with fewer than two different places.</summary>
    public static (double Slope, double Intercept) Fit(IReadOnlyList<(double X, double Y)> points)
    {
        var looked = Spaced([.. points.Where(p => double.IsFinite(p.Y))]);
        var slopes = new List<double>();
        for (var i = 0; i < looked.Length; i++)
        {
            for (var j = i + 1; j < looked.Length; j++)
            {
                if (!looked[i].X.Equals(looked[j].X))
                {
                    slopes.Add((looked[j].Y - looked[i].Y) / (looked[j].X - looked[i].X));
                }
            }
        }

        var slope = Median(slopes);
        return (slope, Median([.. looked.Select(p => p.Y - (slope * p.X))]));
    }

    private static (double X, double Y)[] Spaced((double X, double Y)[] points) =>
        points.Length <= MaxPoints
            ? points
            : [.. Enumerable.Range(0, MaxPoints).Select(i => points[(long)i * (points.Length - 1) / (MaxPoints - 1)])];

    private static double Median(List<double> numbers)
    {
        if (numbers.Count == 0)
        {
            return double.NaN;
        }

        numbers.Sort();
        return (numbers[(numbers.Count - 1) / 2] + numbers[numbers.Count / 2]) / 2;
    }
}
