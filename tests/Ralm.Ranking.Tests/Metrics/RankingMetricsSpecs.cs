using Ralm.Ranking.Metrics;
using Xunit;

namespace Ralm.Ranking.Tests.Metrics;

public sealed class RankingMetricsSpecs
{
    private static readonly float[] Labels = [0, 0, 1, 1, 1, 0, 1, 0];
    private static readonly float[] Scores = [0.1f, 0.4f, 0.35f, 0.8f, 0.4f, 0.2f, 0.9f, 0.6f];

    [Fact]
    public void The_golden_example_is_met()
    {
        Assert.Equal(0.78125, RankingMetrics.Auc<float>(Scores, Labels), 6);
        Assert.Equal(0.506280, RankingMetrics.LogLoss<float>(Scores, Labels), 6);
        Assert.Equal(0.1753125, RankingMetrics.Brier<float>(Scores, Labels), 1e-6);
        Assert.Equal(0.256250, RankingMetrics.CalibrationError<float>(Scores, Labels, bins: 5), 6);
    }

    [Fact]
    public void The_golden_list_is_met_with_either_gain()
    {
        double[] relevance = [3, 2, 3, 0, 1, 2];
        double[] scores = [6, 5, 4, 3, 2, 1];

        Assert.Equal(0.948811, RankedList.Ndcg<double>(scores, relevance, 6), 6);
        Assert.Equal(0.960808, RankedList.Ndcg<double>(scores, relevance, 6, Gain.Linear), 6);
    }

    [Fact]
    public void Equal_scores_say_nothing_and_count_half()
    {
        Assert.Equal(0.5, RankingMetrics.Auc<float>([1, 1, 1, 1], [0, 1, 0, 1]));
        Assert.Equal(0.25, RankingMetrics.AveragePrecision<float>([1, 1, 1, 1], [0, 1, 0, 0]));
        Assert.Equal(0.5, RankedList.Hits<float>([1, 1, 1, 1], [0, 1, 0, 0], 2));
    }

    [Fact]
    public void One_sided_labels_have_no_auc()
    {
        Assert.True(double.IsNaN(RankingMetrics.Auc<float>([1, 2], [1, 1])));
        Assert.True(double.IsNaN(RankingMetrics.AveragePrecision<float>([1, 2], [0, 0])));
    }

    [Fact]
    public void A_score_that_is_no_number_is_refused_by_its_place() =>
        Assert.Contains(
            "score 1 is NaN",
            Assert.Throws<ArgumentException>(() => RankingMetrics.Auc<float>([1, float.NaN], [0, 1])).Message
        );

    [Fact]
    public void Certainty_that_is_wrong_costs_a_finite_loss() =>
        Assert.Equal(-Math.Log(1e-7), RankingMetrics.LogLoss<float>([0], [1]), 6);

    [Fact]
    public void Gini_says_how_unequally_is_shared()
    {
        Assert.Equal(0, Inequality.Gini([1, 1, 1, 1]), 12);
        Assert.Equal(0.75, Inequality.Gini([0, 0, 1, 0]), 12);
        Assert.Equal(0.25, Inequality.Gini([4, 2, 3, 1]), 12);
        Assert.True(double.IsNaN(Inequality.Gini([0, 0])));
    }
}
