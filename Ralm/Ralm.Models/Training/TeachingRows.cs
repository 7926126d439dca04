using Ralm.Ranking.Metrics;
using Ralm.Ranking.Online;

namespace Ralm.Models.Training;

/// <summary>The rows of a batch that teach: those the model is wrong enough about.</summary>
/// <param name="Shares">Of each row, its weight in the mean over all rows, so that it is the mean over those that teach; 0: it does not.</param>
/// <param name="MeanLoss">Of all rows.</param>
internal sealed record TeachingRows(float[] Shares, int Count, double MeanLoss)
{
    /// <param name="threshold">Log loss from which on a row teaches.</param>
    /// <param name="weights">How much each counts beside one of weight 1; empty: all alike.</param>
    public static TeachingRows Above(
        double threshold,
        ReadOnlySpan<float> logOdds,
        ReadOnlySpan<float> labels,
        ReadOnlySpan<float> weights
    )
    {
        var losses = new double[labels.Length];
        for (var k = 0; k < losses.Length; k++)
        {
            losses[k] = RankingMetrics.LogLoss(LogOdds.ToProbability(logOdds[k]), labels[k]);
        }

        var count = losses.Count(l => l >= threshold);
        var shares = new float[losses.Length];
        for (var k = 0; k < losses.Length; k++)
        {
            shares[k] = losses[k] < threshold ? 0 : (float)losses.Length / count * (weights.IsEmpty ? 1 : weights[k]);
        }

        return new TeachingRows(shares, count, losses.Average());
    }
}
