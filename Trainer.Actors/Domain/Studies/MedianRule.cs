using MathNet.Numerics.Statistics;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// The median stopping rule (Golovin et al. 2017, "Google Vizier", 3.2.2): a trial ends when its best value so far is strictly
/// worse than the median of the others' running means. The others are the earlier trials that came as far, also those
/// pruned later.
/// </summary>
internal static class MedianRule
{
    /// <param name="best">The trial's best score so far; higher is better.</param>
    /// <param name="means">Mean score of each earlier trial up to the same epoch.</param>
    public static bool Keeps(double best, IReadOnlyCollection<double> means, int startupTrials) =>
        means.Count < startupTrials || best >= means.Median();
}
