using RalmActors.AbTesting.Domain.Statistics;
using RalmActors.AbTesting.Domain.Statistics.Sequential;
using Xunit;

namespace RalmActors.AbTesting.Tests.Domain.Statistics.Sequential;

/// <summary>Numbers of an independent reference implementation, to six places.</summary>
public class SequentialGoldenSpecs
{
    private const double Alpha = .05;
    private const double Infinity = double.PositiveInfinity;
    private static readonly Tuning Two = new(Alpha);

    [Fact]
    public void The_mixture_is_as_wide_per_unit_as_for_an_even_split() => Assert.Equal(.001587231, Two.RhoSquared, 9);

    [Theory]
    [InlineData(1000, 100, 1000, 130, 2.102215, 3.174462, .965834, .380665, .881381, 1.922004, -.018514, .092658)]
    [InlineData(10000, 500, 10000, 560, 1.893706, 31.744618, -.006068, 1, .928999, 1.350418, -.004439, .017980)]
    [InlineData(40, 0, 760, 18, .983851, .241259, -.013993, 1, .033381, Infinity, -.597417, .053160)]
    [InlineData(9500, 475, 500, 50, 4.885689, 3.015739, 8.267818, .000257, 1.279156, 3.077035, .011940, .118082)]
    [InlineData(9500, 50, 500, 9, 3.624481, 2.819133, 4.178544, .015321, 1.157283, 9.999295, .000494, .061283)]
    [InlineData(19800, 99, 200, 6, 4.867715, 1.044986, 5.696277, .003358, 1.479371, 23.235213, .001575, .142673)]
    [InlineData(200, 1, 19800, 200, .719595, 1.257087, -.262838, 1, .149981, 28.699418, -.072388, .013153)]
    [InlineData(1, 0, 100, 30, .650027, .006286, -.001813, 1, .009369, Infinity, -1, .486625)]
    [InlineData(3000, 900, 3000, 1080, 4.941586, 9.523386, 9.872595, .000052, 1.072672, 1.343190, .021342, .104381)]
    public void Two_rates(
        double n0,
        double s0,
        double n1,
        double s1,
        double z,
        double r,
        double logE,
        double p,
        double low,
        double high,
        double from,
        double to
    )
    {
        var (control, arm) = (ArmSums.OfRate(n0, s0), ArmSums.OfRate(n1, s1));
        var sequence = new RatioSequence(control, arm, isRate: true, Two);
        var ratio = sequence.Ratio(Alpha);
        var difference = LevelSequence.Difference(control, arm, ratio);

        Assert.Equal((z, r), Rounded(sequence.Score(0)));
        Assert.Equal(logE, sequence.LogE(), 6);
        Assert.Equal(p, EValue.P(sequence.LogE()), 6);
        Assert.Equal((low, high), Rounded((ratio.Low, ratio.High)));
        Assert.Equal((from, to), Rounded((difference.Low, difference.High)));
    }

    [Theory]
    [InlineData(1000, 100, 1000, 130, 3.174462, 1.625026, -1.740644)]
    [InlineData(10000, 500, 10000, 560, 31.744618, .655464, -2.782787)]
    [InlineData(40, 0, 760, 18, .218670, .267972, -.402332)]
    [InlineData(9500, 475, 500, 50, 3.015739, 8.960954, -2.413593)]
    [InlineData(9500, 50, 500, 9, .704783, 3.131976, -1.474183)]
    [InlineData(19800, 99, 200, 6, .261247, 3.017619, -1.283919)]
    [InlineData(200, 1, 19800, 200, .502525, .162698, -.506628)]
    [InlineData(1, 0, 100, 30, .006286, .038343, -.043651)]
    [InlineData(3000, 900, 3000, 1080, 9.523386, 10.565741, -2.991362)]
    public void Two_rates_one_way(double n0, double s0, double n1, double s1, double r, double above, double below)
    {
        var sequence = new RatioSequence(ArmSums.OfRate(n0, s0), ArmSums.OfRate(n1, s1), isRate: true, Two.OneSided);

        Assert.Equal(r, sequence.Score(0).R, 6);
        Assert.Equal(above, sequence.LogAbove(), 6);
        Assert.Equal(below, sequence.LogBelow(), 6);
    }

    [Theory]
    [InlineData(12, 0, 0, 228, 28, 40, 1.057656, .072378, .002811, .997193, 0, Infinity, .072378, .198796)]
    [InlineData(
        1000,
        300,
        1500,
        1000,
        390,
        2100,
        1.551809,
        3.174462,
        .201129,
        .817807,
        .752789,
        2.319415,
        3.174462,
        .802172
    )]
    [InlineData(
        9000,
        2700,
        10800,
        1000,
        400,
        1900,
        2.768752,
        5.714031,
        2.31,
        .099261,
        .971835,
        2.037076,
        5.714031,
        2.997812
    )]
    [InlineData(9500, 700, 120000, 500, 120, 40000, .906337, .199683, -.022665, 1, 0, Infinity, .049921, .140712)]
    [InlineData(
        500,
        1500,
        6000,
        500,
        1650,
        7000,
        2.702558,
        1.587231,
        1.765102,
        .171169,
        .976696,
        1.240237,
        1.587231,
        2.440962
    )]
    public void Two_means(
        double n0,
        double s0,
        double q0,
        double n1,
        double s1,
        double q1,
        double z,
        double r,
        double logE,
        double p,
        double low,
        double high,
        double rAbove,
        double above
    )
    {
        var (control, arm) = (new ArmSums(n0, s0, q0), new ArmSums(n1, s1, q1));
        var sequence = new RatioSequence(control, arm, isRate: false, Two);
        var oneSided = new RatioSequence(control, arm, isRate: false, Two.OneSided);
        var ratio = sequence.Ratio(Alpha);

        Assert.Equal((z, r), Rounded(sequence.Score(0)));
        Assert.Equal(logE, sequence.LogE(), 6);
        Assert.Equal(p, EValue.P(sequence.LogE()), 6);
        Assert.Equal((low, high), Rounded((ratio.Low, ratio.High)));
        Assert.Equal(rAbove, oneSided.Score(0).R, 6);
        Assert.Equal(above, oneSided.LogAbove(), 6);
    }

    [Theory]
    [InlineData(.5, .01, .012, 2, .163396, .857241, 7.784027, .000416)]
    [InlineData(.3, .01, .012, 2, -.026115, .657241, 2.450694, .086234)]
    [InlineData(-.5, .01, .006, 8, -.803517, -.225177, 10.012499, .000045)]
    [InlineData(.5, .01, .03, 8, .127187, 1.025707, 10.012499, .000045)]
    public void A_difference(double d, double v0, double v1, double r, double low, double high, double logE, double p)
    {
        var sequence = new AdditiveSequence(d, v0, v1, r);
        var ends = sequence.Ends(Alpha);

        Assert.Equal((low, high), Rounded((ends.Low, ends.High)));
        Assert.Equal(logE, sequence.LogE(), 6);
        Assert.Equal(p, EValue.P(sequence.LogE()), 6);
    }

    [Theory]
    [InlineData(3, 1, 2.579481)]
    [InlineData(3.5, 8, 5.038496)]
    [InlineData(-2, 1, -1.196179)]
    [InlineData(4, .2, 1.882725)]
    public void Evidence_one_way(double z, double r, double logE) => Assert.Equal(logE, EValue.LogAbove(z, r), 6);

    [Theory]
    [InlineData(40, 0, 760, 18, .95, 0, .191495, -.138141)]
    [InlineData(40, 0, 760, 18, .95, .005, .112121, -.138141)]
    [InlineData(9500, 475, 500, 50, .05, 0, 7.192797, .011979)]
    [InlineData(9500, 475, 500, 50, .05, .005, 5.026779, .011979)]
    [InlineData(19800, 99, 200, 8, .01, 0, 6.291568, .005063)]
    [InlineData(1000, 50, 1000, 100, .5, 0, 6.825609, .013331)]
    [InlineData(1000, 50, 1000, 100, .5, .02, 1.756447, .013331)]
    [InlineData(5000, 1500, 5000, 1700, .5, 0, 6.0391, .008519)]
    public void Two_rates_exactly(
        double n0,
        double s0,
        double n1,
        double s1,
        double weight,
        double margin,
        double logE,
        double lower
    )
    {
        var (control, arm) = (ArmSums.OfRate(n0, s0), ArmSums.OfRate(n1, s1));

        Assert.Equal(logE, new RateMixture(weight, margin).LogE(control, arm), 6);
        Assert.Equal(lower, RateMixture.LowerBound(control, arm, weight, Alpha), 6);
    }

    [Fact]
    public void The_grid_of_alternatives_is_projected_onto_the_null()
    {
        var grid = new RateMixture(.05, .005).Grid;

        Assert.Equal(45, grid.Length);
        Assert.Equal(.094428876, grid[0].ArmSuccess, 9);
        Assert.Equal(-.000547846, grid[0].ArmFailure, 9);
        Assert.Equal(-.005252131, grid[0].Success, 9);
        Assert.Equal(.000002621, grid[0].Failure, 9);
        Assert.Equal(.269893873, grid[^1].ArmSuccess, 9);
        Assert.Equal(.036985265, grid[^1].Failure, 9);
    }

    [Theory]
    [InlineData(new long[] { 5170, 4830 }, new[] { .5, .5 }, 3.321863, .036086)]
    [InlineData(new long[] { 4072, 2035 }, new[] { .8, .2 }, 291.945954, 0)]
    [InlineData(new long[] { 2, 1 }, new[] { .99, .01 }, -.048034, 1)]
    [InlineData(new long[] { 60, 0 }, new[] { .5, .5 }, 28.803961, 0)]
    [InlineData(new long[] { 60, 60 }, new[] { .5, .5 }, -.327375, 1)]
    [InlineData(new long[] { 9400, 600 }, new[] { .95, .05 }, 7.066271, .000853)]
    [InlineData(new long[] { 250, 250, 250, 330 }, new[] { .25, .25, .25, .25 }, 3.184253, .041409)]
    public void A_split(long[] units, double[] shares, double logE, double p)
    {
        Assert.Equal(logE, SplitEvidence.LogE(units, shares), 6);
        Assert.Equal(p, EValue.P(SplitEvidence.LogE(units, shares)), 6);
    }

    public static TheoryData<double[], double[], bool, double[]> Pairs =>
        new()
        {
            {
                [1000, 2300, 9500, 1650, 7400, 7700],
                [1000, 2420, 10100, 1640, 7300, 7750],
                true,
                [.128275, .002102165, .002094982, 3.174462, 2.261695, -.014948, .271499]
            },
            {
                [950, 2185, 9025, 1567.5, 7030, 7315],
                [50, 130, 640, 83, 380, 410],
                true,
                [.291669, .022190957, .060812685, .301574, .312331, -.482331, 1.572965]
            },
            {
                [5000, 90, 130, 300, 700, 210],
                [5000, 130, 200, 310, 720, 260],
                false,
                [.119355, .001889612, .001874034, 15.872309, 2.133199, -.013727, .252436]
            },
            {
                [9900, 180, 260, 600, 1400, 420],
                [100, 5, 9, 6, 14, 9],
                false,
                [.533333, .038950888, .103767284, .628543, 1.165401, -.275296, 1.853173]
            },
        };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_is_adjusted_and_ratios_of_sums(double[] control, double[] arm, bool adjusted, double[] golden)
    {
        var sequence = adjusted
            ? AdditiveSequences.Adjusted(Of(control), Of(arm), Two)
            : AdditiveSequences.Ratio(Of(control), Of(arm), Two);
        var ends = sequence.Ends(Alpha);

        Assert.Equal(golden[0], sequence.Difference, 6);
        Assert.Equal(golden[1], sequence.NullVariance, 9);
        Assert.Equal(golden[2], sequence.ArmVariance, 9);
        Assert.Equal(golden[3], sequence.R, 6);
        Assert.Equal(golden[4], sequence.LogE(), 6);
        Assert.Equal((golden[5], golden[6]), Rounded((ends.Low, ends.High)));
    }

    /// <summary>From n, Σy, Σy², Σx, Σx², Σxy.</summary>
    private static PairMoments Of(double[] s) =>
        new(Moments.OfSums(s[0], s[1], s[2]), Moments.OfSums(s[0], s[3], s[4]), s[5] - s[1] * s[3] / s[0]);

    private static (double, double) Rounded((double A, double B) pair) =>
        (Math.Round(pair.A, 6), Math.Round(pair.B, 6));
}
