namespace RalmActors.ClusterHost.Training;

/// <summary>One figure over the folds, each counted by its test rows.</summary>
/// <param name="Mean">Of all rows, as if one test had seen them.</param>
/// <param name="Spread">Standard deviation of the folds around it, weighted alike.</param>
public sealed record FoldFigures(double Mean, double Spread)
{
    /// <param name="folds">Figure and test rows; at least one with rows.</param>
    public static FoldFigures Of(IEnumerable<(double Figure, long Rows)> folds)
    {
        var all = folds.ToArray();
        var rows = (double)all.Sum(f => f.Rows);
        var mean = all.Sum(f => f.Figure * f.Rows) / rows;
        return new FoldFigures(mean, Math.Sqrt(all.Sum(f => f.Rows * Math.Pow(f.Figure - mean, 2)) / rows));
    }
}
