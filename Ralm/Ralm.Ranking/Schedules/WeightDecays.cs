namespace Ralm.Ranking.Schedules;

/// <summary>
/// Weight decay where a run leaves it open. A Gaussian prior of fixed width weighs against the sum of the rows' losses, so
/// against their mean, which a step follows, it weighs less the more rows there are. Fixed for good: a resumed run asks again.
/// </summary>
internal static class WeightDecays
{
    private const float Most = 0.01f;

    /// <param name="chosen">0: left open. -1: none.</param>
    /// <param name="prior">Of the model: the decay of a data set of one row. 0: none.</param>
    public static float Of(float chosen, float prior, int trainRows) =>
        chosen != 0 ? Math.Max(0, chosen) : Math.Min(Most, prior / trainRows);
}
