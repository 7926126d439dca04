using RalmActors.Trainer.Domain.Evaluation;
using Xunit;

namespace RalmActors.Trainer.Actors.Tests.Evaluation;

public sealed class RankingMetricsSpecs
{
    private static readonly float[] Labels = [0, 0, 1, 1, 1, 0, 1, 0];
    private static readonly float[] Scores = [0.1f, 0.4f, 0.35f, 0.8f, 0.4f, 0.2f, 0.9f, 0.6f];

    [Fact]
    public void The_golden_example_is_met()
    {
        Assert.Equal(0.78125, RankingMetrics.Auc(Scores, Labels), 6);
        Assert.Equal(0.506280, RankingMetrics.LogLoss(Scores, Labels), 6);
        Assert.Equal(0.1753125, RankingMetrics.Brier(Scores, Labels), 1e-6);
        Assert.Equal(0.256250, RankingMetrics.CalibrationError(Scores, Labels, bins: 5), 6);
    }

    [Fact]
    public void Equal_scores_say_nothing_and_count_half() =>
        Assert.Equal(0.5, RankingMetrics.Auc([1, 1, 1, 1], [0, 1, 0, 1]));

    [Fact]
    public void One_sided_labels_have_no_auc() => Assert.True(double.IsNaN(RankingMetrics.Auc([1, 2], [1, 1])));

    [Fact]
    public void Certainty_that_is_wrong_costs_a_finite_loss() =>
        Assert.Equal(-Math.Log(1e-7), RankingMetrics.LogLoss([0], [1]), 6);
}
