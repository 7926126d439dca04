namespace Ralm.Ranking.Calibration;

/// <summary>
/// A line over the log odds: slope × log odds + intercept (Platt 1999, whose A and B are the negatives of these).
/// </summary>
/// <param name="Slope">Above 0: the order of scores stays. Below 1: the model was too sure.</param>
/// <param name="Intercept">Log odds of what a model says even odds of.</param>
public sealed record PlattScaling(double Slope, double Intercept) : ICalibrationMap
{
    private const int MaxSteps = 100;
    private const double Ridge = 1e-12;
    private const double Flat = 1e-5;
    private const double Shortest = 1e-10;

    public string Method => CalibrationMethods.Platt;

    public double Map(double logOdds) => (Slope * logOdds) + Intercept;

    /// <summary>
    /// The line of least log loss against <see cref="SmoothedLabels"/>: Newton's method with halved steps, and a log loss that
    /// neither overflows nor cancels (Lin, Lin and Weng 2007, algorithm 1).
    /// </summary>
    /// <param name="logOdds">Finite.</param>
    /// <param name="labels">0 to 1, one per score.</param>
    /// <returns><c>null</c> where there is none that keeps the order: all labels alike, or scores that do not rise with them.</returns>
    public static PlattScaling? Fit(ReadOnlySpan<double> logOdds, ReadOnlySpan<float> labels)
    {
        if (SmoothedLabels.Of(labels) is not { } targets)
        {
            return null;
        }

        // From what always saying the share of positives would be.
        var positives = targets.Sum();
        var line = new PlattScaling(0, Math.Log(positives / (targets.Length - positives)));
        var loss = Loss(line, logOdds, targets);
        for (var step = 0; step < MaxSteps; step++)
        {
            var (g1, g0, h11, h10, h00) = Derivatives(line, logOdds, targets);
            if (Math.Abs(g1) < Flat && Math.Abs(g0) < Flat)
            {
                break;
            }

            var determinant = (h11 * h00) - (h10 * h10);
            var (bySlope, byIntercept) = (
                -((h00 * g1) - (h10 * g0)) / determinant,
                -((h11 * g0) - (h10 * g1)) / determinant
            );
            var descent = (g1 * bySlope) + (g0 * byIntercept);
            var length = 1.0;
            for (; length >= Shortest; length /= 2)
            {
                var next = new PlattScaling(line.Slope + (length * bySlope), line.Intercept + (length * byIntercept));
                var nextLoss = Loss(next, logOdds, targets);
                if (nextLoss < loss + (1e-4 * length * descent))
                {
                    (line, loss) = (next, nextLoss);
                    break;
                }
            }

            if (length < Shortest)
            {
                // No step is better by more than rounding.
                break;
            }
        }

        return line.Slope > 0 && double.IsFinite(line.Slope) && double.IsFinite(line.Intercept) ? line : null;
    }

    private static (double G1, double G0, double H11, double H10, double H00) Derivatives(
        PlattScaling line,
        ReadOnlySpan<double> logOdds,
        double[] targets
    )
    {
        var (g1, g0, h11, h10, h00) = (0.0, 0.0, Ridge, 0.0, Ridge);
        for (var row = 0; row < targets.Length; row++)
        {
            var x = logOdds[row];
            var p = ScoreCalibration.Sigmoid(line.Map(x));
            var (gap, weight) = (p - targets[row], p * (1 - p));
            (g1, g0) = (g1 + (gap * x), g0 + gap);
            (h11, h10, h00) = (h11 + (weight * x * x), h10 + (weight * x), h00 + weight);
        }

        return (g1, g0, h11, h10, h00);
    }

    private static double Loss(PlattScaling line, ReadOnlySpan<double> logOdds, double[] targets)
    {
        var loss = 0.0;
        for (var row = 0; row < targets.Length; row++)
        {
            var z = line.Map(logOdds[row]);
            loss += Math.Max(z, 0) - (targets[row] * z) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
        }

        return loss;
    }
}
