using Ralm.Ranking.Metrics;
using Ralm.Ranking.Randomness;
using Xunit;

namespace Ralm.Ranking.Tests.Metrics;

public sealed class UserBootstrapSpecs
{
    private static readonly Resampling Few = new(300, Seed: 5);

    [Fact]
    public void Unweighted_figures_are_those_of_the_plain_formulas()
    {
        var (rows, scores) = GivenRows.Of(seed: 1);
        var labels = rows.Labels.Span;

        var measured = new MeasuredScores(rows, scores).Measure();

        Assert.Equal(RankingMetrics.Auc<float>(scores, labels), Of(measured, "auc"), 12);
        Assert.Equal(RankingMetrics.AveragePrecision<float>(scores, labels), Of(measured, "average_precision"), 12);
        Assert.Equal(RankingMetrics.LogLoss<float>(scores, labels), Of(measured, "log_loss"), 12);
        Assert.Equal(RankingMetrics.Brier<float>(scores, labels), Of(measured, "brier"), 12);
        Assert.Equal(RankingMetrics.CalibrationError<float>(scores, labels), Of(measured, "calibration_error"), 6);
    }

    [Fact]
    public void List_figures_are_means_over_users_who_have_a_positive()
    {
        // Ann: best candidate first of two positives. Bo: nothing positive. Cy: the one positive is last of seven.
        float[] labels = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        float[] scores = [0.9f, 0.1f, 0.5f, 0.4f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.4f, 0.3f];
        int[] users = [1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3];
        int[] candidates = [1, 2, 3, 1, 1, 2, 3, 4, 5, 6, 7];

        var measured = new MeasuredScores(new EvaluationRows(labels, users, candidates), scores).Measure();

        Assert.Equal(0.5, Of(measured, "precision_at_5"));
        Assert.Equal(0.5, Of(measured, "recall_at_5"));
        var ann = (1 + (1 / Math.Log2(4))) / (1 + (1 / Math.Log2(3)));
        Assert.Equal(ann / 2, Of(measured, "ndcg_at_5"), 12);
        Assert.Equal((ann + (1 / Math.Log2(8))) / 2, Of(measured, "ndcg_at_10"), 12);
        Assert.Equal(1, Of(measured, "coverage_at_10"));
        Assert.Equal(Inequality.Gini([3, 2, 2, 1, 1, 1, 1]), Of(measured, "gini_at_10"), 12);
    }

    [Fact]
    public void A_weight_counts_a_user_as_if_there_were_so_many_of_them()
    {
        var (rows, scores) = GivenRows.Of(seed: 2);
        var random = new Random(4);
        var weights = Enumerable.Range(0, rows.Users).Select(_ => random.Next(1, 4)).ToArray();
        var (labels, users, candidates, repeated) = (
            new List<float>(),
            new List<int>(),
            new List<int>(),
            new List<float>()
        );
        for (var row = 0; row < rows.Count; row++)
        {
            for (var copy = 0; copy < weights[rows.UserOf[row]]; copy++)
            {
                labels.Add(rows.Labels.Span[row]);
                users.Add((rows.UserOf[row] * 10) + copy);
                candidates.Add(rows.CandidateOf[row]);
                repeated.Add(scores[row]);
            }
        }

        var weighted = new MeasuredScores(rows, scores).Measure(weights);

        var many = new EvaluationRows(labels.ToArray(), users.ToArray(), candidates.ToArray());
        var expected = new MeasuredScores(many, repeated.ToArray()).Measure();
        Assert.All(weighted.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 6));
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_a_model_does_not_differ_from_itself()
    {
        var (rows, scores) = GivenRows.Of(seed: 3);
        var one = new MeasuredScores(rows, scores);

        Assert.Equal(UserBootstrap.Intervals(Few, rows, one), UserBootstrap.Intervals(Few, rows, one));
        Assert.NotEqual(
            UserBootstrap.Intervals(Few, rows, one),
            UserBootstrap.Intervals(Few with { Seed = 6 }, rows, one)
        );
        Assert.All(
            UserBootstrap.Intervals(Few, rows, one, new MeasuredScores(rows, scores)),
            i => Assert.Equal(new BootstrapInterval(0, 0, 1), i)
        );
    }

    /// <summary>Resamples of well calibrated scores are calibrated worse, all of them: an interval of them alone leaves its value out.</summary>
    [Fact]
    public void Every_interval_holds_its_own_value()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            float[] scores = [.. Enumerable.Range(0, 2_000).Select(_ => random.NextSingle())];
            float[] labels = [.. scores.Select(s => random.NextSingle() < s ? 1f : 0f)];
            int[] users = [.. Enumerable.Range(0, 2_000).Select(r => r / 4)];
            var rows = new EvaluationRows(labels, users, [.. Enumerable.Range(0, 2_000).Select(r => r % 50)]);
            var measured = new MeasuredScores(rows, scores);

            var (values, intervals) = (measured.Measure(), UserBootstrap.Intervals(Few, rows, measured));

            var error = Array.FindIndex([.. EvaluationMetrics.All], m => m.Name == "calibration_error");
            Assert.InRange(intervals[error].Low, 0, 0.9 * values[error]);
            Assert.InRange(intervals[error].High, 1.1 * values[error], 3 * values[error]);
            Assert.All(
                values.Zip(intervals).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second.Low)),
                p => Assert.InRange(p.First, p.Second.Low, p.Second.High)
            );
        }
    }

    [Fact]
    public void Rows_said_twice_by_the_same_users_make_no_interval_narrower()
    {
        var (rows, scores) = GivenRows.Of(seed: 4, users: 60);
        var twice = new EvaluationRows(
            (float[])[.. rows.Labels.Span, .. rows.Labels.Span],
            [.. rows.UserOf, .. rows.UserOf],
            [.. rows.CandidateOf, .. rows.CandidateOf]
        );
        float[] scoresTwice = [.. scores, .. scores];

        var once = UserBootstrap.Intervals(Few, rows, new MeasuredScores(rows, scores))[0];
        var again = UserBootstrap.Intervals(Few, twice, new MeasuredScores(twice, scoresTwice))[0];

        Assert.Equal(once.High - once.Low, again.High - again.Low, 9);
        Assert.True(
            DeLong.Estimate(scoresTwice, twice.Labels.Span).StandardError
                < 0.8 * DeLong.Estimate(scores, rows.Labels.Span).StandardError
        );
    }

    [Fact]
    public void A_model_that_is_better_for_everybody_differs_and_one_that_is_noisier_at_random_does_not()
    {
        var (rows, scores) = GivenRows.Of(seed: 5, users: 100);
        var random = new Random(6);
        var worse = scores.Select(s => (s + (3 * random.NextSingle())) / 4).ToArray();
        var (good, bad) = (new MeasuredScores(rows, scores), new MeasuredScores(rows, worse));

        var auc = UserBootstrap.Intervals(Few, rows, good, bad)[0];

        Assert.True(auc.Low > 0);
        Assert.Equal(1.0 / 300, auc.PValue, 12);
        Assert.InRange(good.Measure()[0] - bad.Measure()[0], auc.Low, auc.High);
    }

    [Fact]
    public void Draws_are_even_over_users()
    {
        var (sum, weights) = (new long[10], new int[10]);
        for (var replicate = 0; replicate < 10_000; replicate++)
        {
            UserBootstrap.Draw(weights, RandomStream.Mix(1, (ulong)replicate));
            Assert.Equal(10, weights.Sum());
            for (var user = 0; user < 10; user++)
            {
                sum[user] += weights[user];
            }
        }

        Assert.All(sum, count => Assert.InRange(count, 9_600, 10_400));
    }

    private static double Of(double[] measured, string metric) => measured[EvaluationMetrics.PlaceOf(metric)];
}
