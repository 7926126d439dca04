using Ralm.Ranking.Calibration;
using Ralm.Ranking.Randomness;
using Xunit;

namespace Ralm.Ranking.Tests.Calibration;

/// <summary>Maps of log odds, as pure functions of given numbers.</summary>
public sealed class CalibrationMapSpecs
{
    private static readonly double[] LogOdds =
    [
        -3.2,
        -2.5,
        -2.1,
        -1.7,
        -1.1,
        -0.8,
        -0.3,
        0.0,
        0.2,
        0.6,
        0.9,
        1.4,
        1.8,
        2.2,
        3.1,
        -0.5,
        0.4,
        1.1,
        -1.4,
        2.7,
    ];

    private static readonly float[] Labels = [0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 1];

    /// <summary>Both numbers by nested bisection of the two score equations over Platt's targets, in another language.</summary>
    [Fact]
    public void Platts_line_solves_the_two_equations_of_least_log_loss()
    {
        var line = PlattScaling.Fit(LogOdds, Labels)!;

        Assert.Equal(0.7144441604104881, line.Slope, 1e-6);
        Assert.Equal(-0.28825251852162903, line.Intercept, 1e-6);
    }

    /// <summary>One group of scores: the line is that of Platt's targets, (n + 1) / (n + 2) and 1 / (n + 2).</summary>
    [Fact]
    public void Rows_that_a_model_separates_promise_nobody_a_certainty()
    {
        var line = PlattScaling.Fit([-2, -2, -2, 2], [0, 0, 0, 1])!;

        Assert.Equal(Math.Log(0.2 / 0.8), line.Map(-2), 1e-5);
        Assert.Equal(Math.Log(2.0), line.Map(2), 1e-5);
    }

    [Fact]
    public void A_line_is_found_where_log_odds_are_huge_or_all_but_equal()
    {
        double[] huge = [.. LogOdds.Select(z => 1e5 * z)];
        double[] close = [.. LogOdds.Select(z => 4 + (1e-4 * z))];
        var line = PlattScaling.Fit(LogOdds, Labels)!;

        Assert.All([1.0, -2.5], z => Assert.Equal(line.Map(z), PlattScaling.Fit(huge, Labels)!.Map(1e5 * z), 1e-4));
        Assert.All(
            [1.0, -2.5],
            z => Assert.Equal(line.Map(z), PlattScaling.Fit(close, Labels)!.Map(4 + (1e-4 * z)), 1e-4)
        );
    }

    /// <summary>Expected by the min-max formula: the highest, over beginnings, of the lowest mean, over ends.</summary>
    [Theory]
    [InlineData(
        new double[] { 1, 0, 1, 0, 1, 1, 0, 1, 1, 1 },
        new[] { 0.5, 0.5, 0.5, 0.5, 2.0 / 3, 2.0 / 3, 2.0 / 3, 1, 1, 1 }
    )]
    [InlineData(new[] { 0.1, 0.3, 0.2, 0.4 }, new[] { 0.1, 0.25, 0.25, 0.4 })]
    [InlineData(new double[] { 3, 1, 2, 5, 4, 6, 0, 7 }, new[] { 2, 2, 2, 3.75, 3.75, 3.75, 3.75, 7 })]
    [InlineData(
        new double[] { 0, 1, 0, 0, 1, 1, 0, 1 },
        new[] { 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 2.0 / 3, 2.0 / 3, 2.0 / 3, 1 }
    )]
    public void Neighbours_that_fall_are_pooled(double[] targets, double[] expected)
    {
        double[] scores = [.. Enumerable.Range(0, targets.Length).Select(k => (double)k)];
        var shuffled = Enumerable.Range(0, targets.Length).OrderBy(k => k * 7 % targets.Length).ToArray();

        var blocks = PoolAdjacentViolators.Fit(
            [.. shuffled.Select(k => scores[k])],
            [.. shuffled.Select(k => targets[k])]
        );

        double[] fitted = [.. blocks.SelectMany(b => Enumerable.Repeat(b.Y, (int)b.Weight))];
        Assert.Equal(expected.Length, fitted.Length);
        Assert.All(expected.Zip(fitted), f => Assert.Equal(f.First, f.Second, 1e-12));
    }

    [Fact]
    public void Equal_scores_are_one_block_whatever_order_they_come_in()
    {
        var blocks = PoolAdjacentViolators.Fit([2, 1, 2, 3, 2], [1, 0, 0, 1, 0]);

        Assert.Equal([(1, 1, 0), (3, 2, 1.0 / 3), (1, 3, 1)], blocks.Select(b => (b.Weight, b.X, b.Y)));
    }

    [Theory]
    [InlineData(CalibrationMethods.Platt)]
    [InlineData(CalibrationMethods.Isotonic)]
    public void Whatever_was_fitted_the_order_of_scores_stays_and_no_probability_is_a_certainty(string method)
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var rows = random.Next(20, 2_000);
            float[] own = [.. Enumerable.Range(0, rows).Select(_ => (float)(8 * (random.NextDouble() - 0.5)))];
            float[] labels = [.. own.Select(z => random.NextDouble() < Chance(z / 3) ? 1f : 0f)];

            var fitted = ScoreCalibration.Fit(method, 1, own, labels);

            var told = Enumerable.Range(-200, 401).Select(k => fitted.Probability(k / 20.0)).ToArray();
            Assert.True(fitted.Map is null || told.Zip(told.Skip(1)).All(p => p.First < p.Second), $"round {round}");
            Assert.All(told, p => Assert.InRange(p, 1e-6, 1 - 1e-6));
        }

        static double Chance(double z) => 1 / (1 + Math.Exp(-z));
    }

    [Theory]
    [InlineData(CalibrationMethods.Platt)]
    [InlineData(CalibrationMethods.Isotonic)]
    public void Where_no_map_keeps_the_order_there_is_none(string method)
    {
        float[] own = [-2, -1, 1, 2];

        Assert.Null(ScoreCalibration.Fit(method, 1, own, [1, 1, 1, 1]).Map);
        Assert.Null(ScoreCalibration.Fit(method, 1, own, [0, 0, 0, 0]).Map);
        Assert.Null(ScoreCalibration.Fit(method, 1, own, [1, 1, 0, 0]).Map);
        Assert.Null(ScoreCalibration.Fit(method, 1, [-2, -1, float.PositiveInfinity, 2], [0, 0, 1, 1]).Map);
        Assert.NotNull(ScoreCalibration.Fit(method, 1, own, [0, 0, 1, 1]).Map);
    }

    /// <summary>A model that is twice too sure, and one whose log odds are bent, on rows it was not fitted on.</summary>
    [Theory]
    [InlineData(CalibrationMethods.Platt, false, 0.02)]
    [InlineData(CalibrationMethods.Isotonic, false, 0.02)]
    [InlineData(CalibrationMethods.Isotonic, true, 0.02)]
    public void What_was_said_comes_near_what_is_seen(string method, bool bent, double error)
    {
        var (own, labels) = Drawn(20_000, from: 0, bent);
        var (fresh, seen) = Drawn(20_000, from: 20_000, bent);

        var fitted = ScoreCalibration.Fit(method, 1, own, labels);
        var told = fitted.Told(fresh, seen)!;

        Assert.True(told.ErrorBefore > 0.08, $"{told.ErrorBefore}");
        Assert.InRange(told.ErrorAfter, 0, error);
        Assert.True(told.Points <= IsotonicCurve.MaxPoints, $"{told.Points}");
    }

    [Fact]
    public void A_class_weight_is_taken_back_as_the_odds_it_has_multiplied()
    {
        var calibration = new ScoreCalibration(5);
        var odds = 5 * 0.3 / 0.7;

        Assert.Equal(0.3, calibration.Probability(Math.Log(odds)), 1e-12);
        Assert.Equal((1, -Math.Log(5)), calibration.Line);
        Assert.Equal((1, 0), ScoreCalibration.None.Line);
        var platt = new ScoreCalibration(5, new PlattScaling(0.5, 0.1));
        Assert.Equal(platt.Probability(2), Chance((platt.Line.Slope * 2) + platt.Line.Intercept), 1e-12);

        static double Chance(double z) => 1 / (1 + Math.Exp(-z));
    }

    private static (float[] LogOdds, float[] Labels) Drawn(int rows, int from, bool bent)
    {
        var (own, labels) = (new float[rows], new float[rows]);
        for (var k = 0; k < rows; k++)
        {
            var z = (6 * RandomStream.Uniform(1, from + k)) - 3;
            labels[k] = RandomStream.Uniform(2, from + k) < 1 / (1 + Math.Exp(-z)) ? 1 : 0;
            own[k] = (float)(
                bent
                    ? z > 0
                        ? 3 * z
                        : 0.3 * z
                    : 2 * z
            );
        }

        return (own, labels);
    }
}
