using Ralm.Ranking.Statistics;
using RalmActors.AbTesting.Domain.Statistics;
using Xunit;

namespace RalmActors.AbTesting.Actors.Tests.Domain.Statistics;

/// <summary>Figures that stand in the literature or follow by hand.</summary>
public sealed class GoldenSpecs
{
    [Theory]
    [InlineData(100, 1000, 130, 1000, 4.421518, .035488, 4.131663, .042088, .041905, .094225, 1.344828)]
    [InlineData(120, 1000, 150, 1000, 3.853565, .049640, 3.600942, .057747, .057596, .087916, 1.294118)]
    [InlineData(3, 10, 7, 10, 3.2, .073638, 1.8, .179712, .178895, .823034, 5.444444)]
    public void Two_rates(
        long s1,
        long n1,
        long s2,
        long n2,
        double chi,
        double p,
        double yates,
        double yatesP,
        double fisher,
        double h,
        double odds
    )
    {
        var two = new TwoProportions(new Proportion(s1, n1), new Proportion(s2, n2));

        Assert.Equal(chi, two.Table.Pearson().Statistic, 6);
        Assert.Equal(p, two.Table.Pearson().P, 6);
        Assert.Equal(yates, two.Table.Yates().Statistic, 6);
        Assert.Equal(yatesP, two.Table.Yates().P, 6);
        Assert.Equal(fisher, FisherExact.TwoSided(s1, n1 - s1, s2, n2 - s2), 6);
        Assert.Equal(h, two.CohenH, 6);
        Assert.Equal(odds, two.OddsRatio, 6);
        Assert.True(two.OddsRatioInterval().Contains(odds));
    }

    [Fact]
    public void An_empty_cell_has_an_odds_ratio_and_an_empty_column_has_no_difference()
    {
        var two = new TwoProportions(new Proportion(0, 50), new Proportion(6, 50));

        Assert.Equal(6.5 / 44.5 / (0.5 / 50.5), two.OddsRatio, 12);
        Assert.Equal(0.026661, FisherExact.TwoSided(0, 50, 6, 44), 6);
        Assert.Equal(
            new ChiSquareTest(0, 1, 1),
            new ContingencyTable(
                new double[,]
                {
                    { 0, 50 },
                    { 0, 50 },
                }
            ).Pearson()
        );
    }

    [Fact]
    public void Yates_does_not_overshoot() => Assert.Equal(1, new ContingencyTable(
                new double[,]
                {
                    { 1573, 3 },
                    { 4, 0 },
                }
            ).Yates().P, 12);

    [Fact]
    public void One_sided_fisher_tails_overlap_in_the_observed_table()
    {
        // Fisher's tea: 3 of 4 cups right.
        Assert.Equal(17.0 / 70, FisherExact.Greater(3, 1, 1, 3), 12);
        Assert.Equal(69.0 / 70, FisherExact.Less(3, 1, 1, 3), 12);
    }

    [Theory]
    [InlineData(.10, .12, 3841)]
    [InlineData(.10, .11, 14751)]
    [InlineData(.05, .055, 31234)]
    public void Units_per_arm(double p1, double p2, int units) =>
        Assert.Equal(units, (int)Math.Ceiling(SampleSize.PerArm(p1, p2, .05, .8)));

    [Fact]
    public void Units_per_arm_for_a_corrected_test() =>
        Assert.Equal(3941, (int)Math.Ceiling(SampleSize.PerArm(.10, .12, .05, .8, continuity: true)));

    [Fact]
    public void The_detectable_effect_is_found_with_the_power_asked_for() =>
        Assert.Equal(.8, Power.Of(SampleSize.DetectableEffect(.01, .05, .8), .01, .05), 4);

    [Fact]
    public void Sample_ratio_once_and_at_any_time()
    {
        double[] halves = [.5, .5];
        var test = SampleRatio.ChiSquare([5170, 4830], halves);

        Assert.Equal(11.56, test.Statistic, 9);
        Assert.Equal(.000674, test.P, 6);
        Assert.Equal(1.401082, SampleRatio.LogBayesFactor([5170, 4830], halves), 6);
        Assert.Equal(3.414385, SampleRatio.LogBayesFactor([5170, 4830], halves, prior: 50), 6);
        Assert.Equal(677.4449, SampleRatio.ChiSquare([4072, 2035], [.8, .2]).Statistic, 4);
        Assert.Equal(1, 2.402e-149 / SampleRatio.ChiSquare([4072, 2035], [.8, .2]).P, 3);
        Assert.Equal(.246330, SampleRatio.AnytimeP(1.401082), 6);
    }

    [Fact]
    public void An_arm_that_was_promised_units_and_got_none_counts_against_the_split() =>
        Assert.True(SampleRatio.ChiSquare([500, 500, 0], [1, 1, 1]).P < 1e-100);

    [Fact]
    public void Always_valid_methods_on_one_comparison()
    {
        var effect = Effect.Absolute(new Proportion(500, 10_000).Moments, new Proportion(560, 10_000).Moments);
        var sequence = new ConfidenceSequence(20_000);

        Assert.Equal(.00316803, effect.StandardError, 8);
        Assert.Equal(.03984007, new ConfidenceSequence().Rho(.05), 8);
        Assert.Equal(.00961563, sequence.TwoSided(effect, .05).High - effect.Value, 7);
        Assert.Equal(.607915, sequence.TwoSidedP(effect, .05), 1e-6);
        Assert.Equal(1.541249, new Msprt(.01).LikelihoodRatio(effect), 5);
        Assert.Equal(.648824, new Msprt(.01).P(effect), 5);
    }

    [Fact]
    public void The_interval_and_the_p_value_of_an_always_valid_method_agree()
    {
        // Where an end of the interval is zero, p is alpha.
        var effect = new Effect(0, 1e-4, double.PositiveInfinity, 8000);
        var sequence = new ConfidenceSequence();
        var edge = effect with { Value = sequence.TwoSided(effect, .05).High };
        var msprt = new Msprt(.02);
        var other = effect with { Value = msprt.Interval(effect, .05).High };

        Assert.Equal(.05, sequence.TwoSidedP(edge, .05), 10);
        Assert.Equal(.05, msprt.P(other), 10);
    }

    [Theory]
    [InlineData(Spending.Pocock, 5, 2.413, 2.413)]
    [InlineData(Spending.Pocock, 2, 2.178, 2.178)]
    [InlineData(Spending.OBrienFleming, 5, 4.562, 2.040)]
    [InlineData(Spending.OBrienFleming, 2, 2.797, 1.977)]
    public void Group_sequential_limits(Spending spending, int looks, double first, double last)
    {
        var limits = GroupSequential.Limits(spending, looks, .05);

        Assert.Equal(looks, limits.Length);
        Assert.Equal(first, limits[0], 2e-3);
        Assert.Equal(last, limits[^1], 1e-3);
    }

    [Fact]
    public void Spending_limits_at_equal_looks_are_those_published()
    {
        // Lan and DeMets 1983, O'Brien-Fleming type, two-sided .05, five looks (as R's ldBounds prints them).
        double[] published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310];

        var limits = GroupSequential.SpendingLimits(Spending.OBrienFleming, [.2, .4, .6, .8, 1], .05);

        Assert.All(published.Zip(limits), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        Assert.Equal(.05, GroupSequential.CrossingProbability([.. limits], [.2, .4, .6, .8, 1]), 8);
    }

    [Fact]
    public void Holm_and_benjamini_hochberg()
    {
        double[] p = [.01, .04, .03, .005];

        Assert.Equal([.03, .06, .06, .02], Multiplicity.Holm(p).Select(x => Math.Round(x, 12)));
        Assert.Equal([.02, .04, .04, .02], Multiplicity.BenjaminiHochberg(p).Select(x => Math.Round(x, 12)));
    }

    [Fact]
    public void The_better_of_two_rates_by_counting_all_outcomes()
    {
        // P(B > A) for Beta(a, b) and Beta(c, d) with whole numbers has a finite sum (Evan Miller 2014); 13/20 and 9/20.
        Assert.Equal(Closed(10, 12, 14, 8), BetaBinomial.ProbabilityBetter(new(9, 20), new(13, 20)), 12);
        Assert.Equal(.5, BetaBinomial.ProbabilityBetter(new(0, 0), new(0, 0)), 12);

        static double Closed(int aa, int ba, int ab, int bb)
        {
            var sum = 0.0;
            for (var i = 0; i < ab; i++)
            {
                sum += Math.Exp(LnBeta(aa + i, ba + bb) - Math.Log(bb + i) - LnBeta(1 + i, bb) - LnBeta(aa, ba));
            }

            return sum;
        }

        static double LnBeta(double a, double b) => MathNet.Numerics.SpecialFunctions.BetaLn(a, b);
    }

    [Fact]
    public void Chances_to_be_best_add_up_to_one_and_losses_differ_by_the_effect()
    {
        Proportion a = new(100, 1000),
            b = new(130, 1000);

        Assert.Equal(1, BetaBinomial.ProbabilityBest([a, b, new(90, 800)]).Sum(), 10);
        Assert.Equal(
            131.0 / 1002 - 101.0 / 1002,
            BetaBinomial.ExpectedLoss(b, a) - BetaBinomial.ExpectedLoss(a, b),
            10
        );
    }

    /// <summary>GrowthBook's arithmetic by hand: precisions add, and a prior in the other unit is put into the effect's.</summary>
    [Fact]
    public void A_prior_moves_the_belief_by_its_precision()
    {
        var (a, b) = (Moments.OfSums(10, 100, 1002.25), Moments.OfSums(10, 105, 1111.5));
        var (absolute, relative) = (Effect.Absolute(a, b), Effect.Relative(a, b));

        var belief = NormalPosterior.Of(relative, 0, relative.Variance);

        Assert.Equal(relative.Value / 2, belief.Mean, 12);
        Assert.Equal(relative.StandardError / Math.Sqrt(2), belief.StandardDeviation, 12);
        Assert.Equal(
            NormalPosterior.Of(absolute, 1, 4),
            NormalPosterior.OfRelativePrior(absolute, a.Mean, 0.1, 0.04) with
            {
                Mean = NormalPosterior.Of(absolute, 1, 4).Mean,
            }
        );
        Assert.Equal(
            NormalPosterior.Of(relative, 0.1, 0.04).Mean,
            NormalPosterior.OfAbsolutePrior(relative, a.Mean, 1, 4).Mean,
            12
        );
        // Nothing seen: what was believed is believed.
        Assert.Equal(new NormalPosterior(0.1, 0.2), NormalPosterior.Of(Effect.Absolute(default, default), 0.1, 0.04));
    }
}
