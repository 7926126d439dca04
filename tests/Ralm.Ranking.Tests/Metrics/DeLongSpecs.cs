using CsCheck;
using Ralm.Ranking.Metrics;
using Xunit;

namespace Ralm.Ranking.Tests.Metrics;

public sealed class DeLongSpecs
{
    /// <summary>Few different scores: ties are the rule.</summary>
    private static readonly Gen<(float[] First, float[] Second, float[] Labels)> Rows = Gen.Int[8, 60]
        .SelectMany(n =>
            Gen.Select(Gen.Int[0, 9].Array[n], Gen.Int[0, 9].Array[n], Gen.Bool.Array[n])
                .Select((a, b, y) => (Floats(a), Floats(b), y.Select(l => l ? 1f : 0f).ToArray()))
        )
        .Where(r => r.Item3.Sum() >= 2 && r.Item3.Sum() <= r.Item3.Length - 2);

    [Fact]
    public void By_ranks_it_is_what_all_pairs_of_the_paper_give() =>
        Rows.Sample(
            rows =>
            {
                var (a, b) = (AllPairs(rows.First, rows.Labels), AllPairs(rows.Second, rows.Labels));
                var compared = DeLong.Compare(rows.First, rows.Second, rows.Labels);
                Assert.Equal(RankingMetrics.Auc<float>(rows.First, rows.Labels), compared.First.Auc, 1e-12);
                Assert.Equal(Covariance(a, a), Math.Pow(compared.First.StandardError, 2), 1e-12);
                Assert.Equal(
                    Covariance(a, a) + Covariance(b, b) - (2 * Covariance(a, b)),
                    Math.Pow(compared.StandardError, 2),
                    1e-12
                );
                Assert.Equal(compared.First, DeLong.Estimate(rows.First, rows.Labels));
            },
            iter: 200
        );

    [Fact]
    public void The_golden_comparison_is_met()
    {
        float[] labels = [0, 0, 1, 1, 1, 0, 1, 0];
        float[] one = [0.1f, 0.4f, 0.35f, 0.8f, 0.4f, 0.2f, 0.9f, 0.6f];
        float[] other = [0.3f, 0.2f, 0.6f, 0.5f, 0.1f, 0.7f, 0.4f, 0.05f];

        var compared = DeLong.Compare(one, other, labels);

        Assert.Equal((0.78125, 0.625), (compared.First.Auc, compared.Second.Auc));
        Assert.Equal(0.182217, compared.First.StandardError, 6);
        var (low, high) = compared.First.Interval(0.95);
        Assert.Equal((0.424111, 1.0), (Math.Round(low, 6), high));
        Assert.Equal(0.348919, compared.StandardError, 6);
        Assert.Equal((0.447811, 0.654290), (Math.Round(compared.Z, 6), Math.Round(compared.PValue, 6)));
    }

    [Fact]
    public void Models_that_order_alike_do_not_differ()
    {
        var same = DeLong.Compare([1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12], [0, 1, 0, 1, 0, 1]);

        Assert.Equal((0.0, 0.0, 1.0), (same.Difference, same.Z, same.PValue));
    }

    [Fact]
    public void It_covers_the_truth_as_often_as_it_says()
    {
        // Scores of positives are uniform on (0.25, 1.25), of negatives on (0, 1): the AUC is 1 - 0.75^2 / 2.
        const double Truth = 1 - (0.75 * 0.75 / 2);
        var random = new Random(3);
        var covered = 0;
        for (var run = 0; run < 1_000; run++)
        {
            var labels = Enumerable.Range(0, 100).Select(i => i % 4 == 0 ? 1f : 0f).ToArray();
            var scores = labels.Select(y => random.NextSingle() + (0.25f * y)).ToArray();
            var (low, high) = DeLong.Estimate(scores, labels).Interval(0.95);
            covered += low <= Truth && Truth <= high ? 1 : 0;
        }

        Assert.InRange(covered, 920, 970);
    }

    [Fact]
    public void One_sided_labels_have_no_figure() => Assert.True(double.IsNaN(DeLong.Estimate([1, 2], [1, 1]).Auc));

    private static (double[] Positives, double[] Negatives) AllPairs(float[] scores, float[] labels)
    {
        float[] x = [.. scores.Where((_, i) => labels[i] > 0.5f)];
        float[] y = [.. scores.Where((_, i) => labels[i] < 0.5f)];
        return ([.. x.Select(a => y.Average(b => Pair(a, b)))], [.. y.Select(b => x.Average(a => Pair(a, b)))]);
    }

    private static double Pair(float x, float y) =>
        x > y ? 1
        : x < y ? 0
        : 0.5;

    private static double Covariance(
        (double[] Positives, double[] Negatives) a,
        (double[] Positives, double[] Negatives) b
    ) =>
        (Covariance(a.Positives, b.Positives) / a.Positives.Length)
        + (Covariance(a.Negatives, b.Negatives) / a.Negatives.Length);

    private static double Covariance(double[] a, double[] b)
    {
        var (meanOfA, meanOfB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanOfA) * (y - meanOfB)).Sum() / (a.Length - 1);
    }

    private static float[] Floats(int[] values) => [.. values.Select(v => v / 10f)];
}
