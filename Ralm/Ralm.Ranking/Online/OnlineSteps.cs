namespace Ralm.Ranking.Online;

/// <summary>How far a step of gradient descent may go.</summary>
internal static class OnlineSteps
{
    /// <summary>Squared length of the inputs up to which the rate is the rate.</summary>
    private const double LongestInput = 16;

    /// <summary>Many inputs together move a score as far as a few would (normalised least mean squares).</summary>
    public static double Rate(double rate, double squaredLength) => rate * Math.Min(1, LongestInput / squaredLength);

    public static double SquaredLength(OnlineRow row, ReadOnlySpan<int> active)
    {
        double sum = 0;
        foreach (var k in active)
        {
            sum += row.Inputs[k] * row.Inputs[k];
        }

        return Math.Max(sum, 1e-9);
    }
}
